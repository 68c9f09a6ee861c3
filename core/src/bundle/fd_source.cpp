#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "cavra/bundle_writer.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra {
namespace {

// A signal ends the wait by itself, but one that comes right before it does not.
constexpr int kLookMs = 200;

class FdSource final : public ByteSource {
 public:
  FdSource(int fd, std::string name, std::function<bool()> is_cancelled)
      : fd_(fd), name_(std::move(name)), is_cancelled_(std::move(is_cancelled)) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    for (;;) {
      if (is_cancelled_ && is_cancelled_()) return Error{ErrorCode::cancelled, "interrupted"};
      if (!is_ready()) continue;
      const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR && errno != EAGAIN) return os_error("read " + quoted(name_), errno);
    }
  }

 private:
  // Whether a read would tell something, if only what is wrong.
  bool is_ready() const {
    pollfd input{fd_, POLLIN, 0};
    const int ready = ::poll(&input, 1, kLookMs);
    // poll() passes over what is no descriptor at all.
    return fd_ < 0 || ready > 0 || (ready < 0 && errno != EINTR);
  }

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
