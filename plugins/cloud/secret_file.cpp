#include "cloud/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/support/file_descriptor.hpp"

namespace cavra::cloud {
namespace {

Error read_error(const std::string& path, const std::string& problem) {
  return {ErrorCode::usage, "read " + quoted(path) + ": " + problem, false};
}

Error os_error(const std::string& path) {
  return read_error(path, std::generic_category().message(errno));
}

// What the tools' documentation names to have no file.
bool is_dev_null(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

// Fills `out` from the start of the file and requires that it ends there.
Result<void> read_whole(int fd, std::span<std::byte> out, const std::string& path) {
  std::array<std::byte, 1> beyond{};
  std::size_t done = 0;
  for (;;) {
    const bool is_full = done == out.size();
    const std::span<std::byte> rest = is_full ? std::span<std::byte>(beyond) : out.subspan(done);
    const ssize_t got = ::read(fd, rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error(path);
    if (is_full && got == 0) return {};
    if (is_full || got == 0) return read_error(path, "it changed while it was read; try again");
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace

Result<std::optional<Secret>> read_secret_file(const std::string& path, std::size_t max_bytes) {
  if (path.find('\0') != std::string::npos) return read_error(path, "the name has a NUL in it");
  // O_NONBLOCK, so that a FIFO does not stop the program before fstat() tells what it is.
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::optional<Secret>{};
  if (!fd) return os_error(path);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return os_error(path);
  if (is_dev_null(status)) return std::optional<Secret>{std::in_place};
  if (!S_ISREG(status.st_mode)) return read_error(path, "it is no regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > max_bytes)
    return read_error(path, "it has " + std::to_string(size) + " bytes, and at most " +
                                std::to_string(max_bytes) +
                                " are read here; is it the right file?");
  std::optional<Secret> secret(std::in_place, size);
  CAVRA_CHECK(read_whole(fd.get(), secret->expose_for_writing(), path));
  return secret;
}

}  // namespace cavra::cloud
