#include "plugin/sealed_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/plugin_registry.hpp"

namespace cavra::plugin {

namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

Error system_error(ErrorCode code, const std::string& what, int number = errno) {
  return {code, what + ": " + std::generic_category().message(number)};
}

Error unfit(std::string why) {
  return {ErrorCode::usage, std::move(why)};
}

// Who may write a folder may replace what is in it; the sticky bit keeps others' files in place.
Result<FileDescriptor> open_folder(const std::filesystem::path& folder) {
  FileDescriptor fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error(ErrorCode::usage, "opening its folder");
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return system_error(ErrorCode::io, "looking at its folder");
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
    return unfit("lies in a folder that everyone may write (chmod o-w the folder)");
  return fd;
}

Result<void> check_status(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return unfit("is not a regular file");
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return unfit("belongs to another user (uid " + std::to_string(status.st_uid) +
                 "): it must be root's or yours");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return unfit("may be written by others than its owner (chmod go-w the file)");
  if (static_cast<std::uint64_t>(status.st_size) > kMaxPluginBytes)
    return unfit("is larger than " + std::to_string(kMaxPluginBytes >> 20) + " MiB");
  return {};
}

Result<FileDescriptor> open_file(const std::filesystem::path& file) {
  CAVRA_TRY(const FileDescriptor folder, open_folder(file.parent_path()));
  // O_NONBLOCK so that a fifo does not wait for its writer; it changes nothing for regular files.
  FileDescriptor fd(::openat(folder.get(), file.filename().c_str(),
                             O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ELOOP) return unfit("is a symbolic link: name the file itself");
  if (!fd && errno == ENOENT) return unfit("is not there");
  if (!fd) return system_error(ErrorCode::usage, "opening it");
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return system_error(ErrorCode::io, "looking at it");
  CAVRA_CHECK(check_status(status));
  return fd;
}

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_error(ErrorCode::io, "keeping it in memory");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> copy(int from, SealedFile& to) {
  const auto hasher = make_sha256();
  std::vector<std::byte> buffer(kReadBytes);
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(ErrorCode::io, "reading it");
    if (got == 0) break;
    const auto bytes = std::span(buffer).first(static_cast<std::size_t>(got));
    to.size += bytes.size();
    if (to.size > kMaxPluginBytes) return unfit("grows while it is read");
    hasher->update(bytes);
    CAVRA_CHECK(write_all(to.memfd.get(), bytes));
  }
  to.sha256 = hasher->finish().hex();
  return {};
}

}  // namespace

Result<SealedFile> seal_file(const std::filesystem::path& file) {
  CAVRA_TRY(const FileDescriptor fd, open_file(file));
  SealedFile sealed;
  sealed.memfd = FileDescriptor(::memfd_create("cavra-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!sealed.memfd) return system_error(ErrorCode::io, "making room for it in memory");
  CAVRA_CHECK(copy(fd.get(), sealed));
  if (::fcntl(sealed.memfd.get(), F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return system_error(ErrorCode::io, "sealing it in memory");
  return sealed;
}

Result<MappedBytes> MappedBytes::of(const SealedFile& file) {
  if (file.size == 0) return MappedBytes({});
  void* const start = ::mmap(nullptr, file.size, PROT_READ, MAP_PRIVATE, file.memfd.get(), 0);
  if (start == MAP_FAILED) return system_error(ErrorCode::io, "mapping it");
  return MappedBytes({static_cast<const std::byte*>(start), file.size});
}

MappedBytes::~MappedBytes() {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): unmapped, not written
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace cavra::plugin
