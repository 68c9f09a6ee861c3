#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/file_descriptor.hpp"

namespace cavra {

namespace {

struct OpenFile {
  FileDescriptor fd;
  std::size_t size = 0;
  mode_t mode = 0;
};

Error read_error(const std::string& path, const std::string& problem,
                 ErrorCode code = ErrorCode::usage) {
  return {code, "read " + quoted(path) + ": " + problem};
}

Error os_error(const std::string& path) {
  return read_error(path, std::generic_category().message(errno));
}

// Follows links: a key often lies behind one (mounted secrets do).
Result<OpenFile> open_small(const std::string& path, std::size_t max_bytes) {
  if (path.find('\0') != std::string::npos) return read_error(path, "the name has a NUL in it");
  // O_NONBLOCK, so that a FIFO does not stop the program before fstat() tells what it is.
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return os_error(path);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return os_error(path);
  if (!S_ISREG(status.st_mode)) return read_error(path, "it is no regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > max_bytes)
    return read_error(path, "it has " + std::to_string(size) + " bytes, and at most " +
                                std::to_string(max_bytes) +
                                " are read here; is it the right file?");
  return OpenFile{std::move(fd), size, status.st_mode};
}

// Fills `out` from the start of the file and requires that it ends there.
Result<void> read_whole(const OpenFile& file, std::span<std::byte> out, const std::string& path) {
  std::array<std::byte, 1> beyond{};
  std::size_t done = 0;
  for (;;) {
    const bool is_full = done == out.size();
    const std::span<std::byte> rest = is_full ? std::span<std::byte>(beyond) : out.subspan(done);
    const ssize_t got = ::read(file.fd.get(), rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error(path);
    if (is_full && got == 0) return {};
    if (is_full || got == 0) return read_error(path, "it changed while it was read; try again");
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes) {
  CAVRA_TRY(const OpenFile file, open_small(path, max_bytes));
  std::string text(file.size, '\0');
  CAVRA_CHECK(read_whole(file, std::as_writable_bytes(std::span(text)), path));
  return text;
}

Result<Secret> read_secret_file(const std::string& path, std::size_t max_bytes,
                                bool require_private) {
  CAVRA_TRY(const OpenFile file, open_small(path, max_bytes));
  constexpr mode_t kOthersReadOrWrite = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  if (require_private && (file.mode & kOthersReadOrWrite) != 0) {
    std::array<char, 8> octal{};
    std::snprintf(octal.data(), octal.size(), "%04o", static_cast<unsigned>(file.mode & 07777));
    return read_error(path,
                      "others than its owner may read or write it (mode " +
                          std::string(octal.data()) +
                          "); `chmod 600` it, and replace the key if "
                          "somebody may have read it",
                      ErrorCode::refused);
  }
  Secret secret(file.size);
  CAVRA_CHECK(read_whole(file, secret.expose_for_writing(), path));
  return secret;
}

}  // namespace cavra
