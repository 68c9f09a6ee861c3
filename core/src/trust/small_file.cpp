#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "trust/file_owner.hpp"

namespace cavra {

namespace {

struct OpenFile {
  FileDescriptor fd;
  struct stat status{};

  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(status.st_size); }
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
  if (is_key_text(path))
    return Error{ErrorCode::usage,
                 "a key was given where the name of a file is wanted: give a file name, not the "
                 "key itself (it is not repeated here; who saw it has the key)"};
  if (path.find('\0') != std::string::npos) return read_error(path, "the name has a NUL in it");
  // O_NONBLOCK, so that a FIFO does not stop the program before fstat() tells what it is.
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return os_error(path);
  OpenFile file{std::move(fd)};
  if (::fstat(file.fd.get(), &file.status) != 0) return os_error(path);
  if (!S_ISREG(file.status.st_mode)) return read_error(path, "it is no regular file");
  if (file.size() > max_bytes)
    return read_error(path, "it has " + std::to_string(file.size()) + " bytes, and at most " +
                                std::to_string(max_bytes) +
                                " are read here; is it the right file?");
  return file;
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

Result<std::string> read_text(const OpenFile& file, const std::string& path) {
  std::string text(file.size(), '\0');
  CAVRA_CHECK(read_whole(file, std::as_writable_bytes(std::span(text)), path));
  return text;
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes) {
  CAVRA_TRY(const OpenFile file, open_small(path, max_bytes));
  return read_text(file, path);
}

Result<std::string> read_trust_file(const std::string& path, std::size_t max_bytes,
                                    ChosenBy chosen_by) {
  CAVRA_TRY(const OpenFile file, open_small(path, max_bytes));
  if (const std::string why = trust::why_not_trusted(file.status, path, chosen_by); !why.empty())
    return read_error(path, why);
  if (chosen_by == ChosenBy::config) {
    if (const std::string why = trust::why_folder_not_trusted(path); !why.empty())
      return read_error(path, why);
  }
  return read_text(file, path);
}

Result<Secret> read_secret_file(const std::string& path, std::size_t max_bytes,
                                bool require_private) {
  CAVRA_TRY(const OpenFile file, open_small(path, max_bytes));
  const std::string why = require_private
                              ? trust::why_not_private(file.status, path)
                              : trust::why_not_trusted(file.status, path, ChosenBy::person);
  if (!why.empty())
    return read_error(path, why, require_private ? ErrorCode::refused : ErrorCode::usage);
  Secret secret(file.size());
  CAVRA_CHECK(read_whole(file, secret.expose_for_writing(), path));
  return secret;
}

}  // namespace cavra
