#include "bundle/bundle_file.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "cavra/write_file.hpp"

namespace cavra {
namespace {

// Above this much, the kernel is told to read ahead further.
constexpr std::uint64_t kReadAheadBytes = std::uint64_t{1} << 20;

// glibc 2.36 has no wrapper. O_NONBLOCK: opening a pipe must not wait for its writer.
FileDescriptor open_beneath(int folder, const std::string& path, unsigned flags) {
  open_how how{};
  how.flags = flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return FileDescriptor(
      static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
}

FileProblem problem_of(int error_number) {
  using enum FileProblem::Kind;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return {missing, "is not there; get a complete copy of the bundle"};
    case ELOOP:
      return {link, "is a symbolic link or lies behind one; put the file itself there"};
    case EXDEV:
      return {mount,
              "lies on another file system than the bundle's folder; copy the bundle to one place"};
    case ENXIO:
      return {not_regular, "is no regular file; put the file itself there"};
    case ENOSYS:
      return {unreadable,
              "cannot be opened safely: this kernel, or a sandbox around this program, has no "
              "openat2 (Linux 5.6)"};
    default:
      return {unreadable, "cannot be read: " + std::generic_category().message(error_number)};
  }
}

}  // namespace

std::variant<OpenFile, FileProblem> open_bundle_file(int folder, const std::string& path) {
  FileDescriptor fd = open_beneath(folder, path, 0);
  if (!fd) return problem_of(errno);
  struct ::stat seen{};
  if (::fstat(fd.get(), &seen) != 0) return problem_of(errno);
  if (!S_ISREG(seen.st_mode)) return problem_of(ENXIO);
  return OpenFile{std::move(fd), FileIdentity::of(seen)};
}

std::variant<FileDescriptor, FileProblem> open_bundle_folder(int folder, const std::string& path) {
  FileDescriptor fd = open_beneath(folder, path, O_DIRECTORY);
  if (!fd) return problem_of(errno);
  return fd;
}

Result<std::size_t> FileReader::read(std::span<std::byte> buffer) {
  if (progress_.is_cancelled() || progress_.is_abandoned())
    return Error{ErrorCode::cancelled, "interrupted"};
  if (offset_ == 0 && file_.identity.size > kReadAheadBytes)
    ::posix_fadvise(file_.fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint: it may fail
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(buffer.size(), file_.identity.size - offset_));
  if (wanted == 0) return std::size_t{0};
  ssize_t got = 0;
  do {
    got = ::read(file_.fd.get(), buffer.data(), wanted);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return os_error("read", errno);
  const auto size = static_cast<std::size_t>(got);
  if (hasher_ != nullptr) hasher_->update(buffer.first(size));
  offset_ += size;
  progress_.add(size);
  return size;
}

Result<void> FileReader::drain(std::span<std::byte> buffer) {
  for (;;) {
    CAVRA_TRY(const std::size_t size, read(buffer));
    if (size == 0) return {};
  }
}

Result<bool> FileReader::is_unchanged() const {
  struct ::stat seen{};
  if (::fstat(file_.fd.get(), &seen) != 0) return os_error("look at it again", errno);
  return offset_ == file_.identity.size && FileIdentity::of(seen) == file_.identity;
}

}  // namespace cavra
