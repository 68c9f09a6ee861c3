#include <unistd.h>

#include <cerrno>

#include "cavra/bundle_writer.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra {
namespace {

class FdSource final : public ByteSource {
 public:
  FdSource(int fd, std::string name, std::function<bool()> is_cancelled)
      : fd_(fd), name_(std::move(name)), is_cancelled_(std::move(is_cancelled)) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR && is_cancelled_ && is_cancelled_())
        return Error{ErrorCode::cancelled, "interrupted"};
    } while (got < 0 && errno == EINTR);
    if (got < 0) return os_error("read " + quoted(name_), errno);
    return static_cast<std::size_t>(got);
  }

 private:
  int fd_;
  std::string name_;
  std::function<bool()> is_cancelled_;
};

}  // namespace

std::unique_ptr<ByteSource> make_fd_source(int fd, std::string name,
                                           std::function<bool()> is_cancelled) {
  return std::make_unique<FdSource>(fd, std::move(name), std::move(is_cancelled));
}

}  // namespace cavra
