#include "durable_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "cavra/support/encoding.hpp"
#include "lock_attribute.hpp"
#include "os_error.hpp"
#include "turn.hpp"

namespace cavra::local_worm {
namespace {

// So much is handed to the disk at a time, and no more than twice that waits: the fsync at the end
// is short, and so is the time until a cancelled put ends.
constexpr std::uint64_t kWritebackBytes = 8U << 20;

// Below that the space is not worth a system call: a full disk shows as soon anyway.
constexpr std::uint64_t kWorthTaking = 1U << 20;

// The one way to name an open file that has no name: linkat with AT_EMPTY_PATH needs
// CAP_DAC_READ_SEARCH before Linux 6.10.
std::string path_of(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

Result<void> set_text(int fd, const char* name, std::string_view text) {
  if (text.empty()) return {};
  if (::fsetxattr(fd, name, text.data(), text.size(), 0) != 0)
    return os_error(std::string("set the extended attribute ") + name);
  return {};
}

}  // namespace

Result<NamelessFile> NamelessFile::create(const Folder& staging, std::uint64_t expected_bytes) {
  // What may read it is settled here and not by a chmod later: so the kernel takes off the umask,
  // which a library may not ask for (asking sets it, for all threads).
  FileDescriptor fd(::openat(staging.fd.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644));
  if (!fd) {
    // EISDIR: a file system or kernel that does not know O_TMPFILE (open(2)).
    const int error = errno == EISDIR ? EOPNOTSUPP : errno;
    return os_error("make a file without a name (O_TMPFILE) in " + quoted(staging.path), error);
  }
  CAVRA_TRY(const FileStatus status, status_of(fd.get(), "the new file"));
  if (expected_bytes >= kWorthTaking &&
      ::fallocate(fd.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(expected_bytes)) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
    return os_error("take " + std::to_string(expected_bytes) + " bytes of space");
  return NamelessFile(std::move(fd), status.mode & 07777U);
}

Result<void> NamelessFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(written_));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return os_error("write at byte " + std::to_string(written_));
    written_ += static_cast<std::uint64_t>(put);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return start_writeback();
}

Result<void> NamelessFile::start_writeback() {
  while (written_ - writeback_from_ >= kWritebackBytes) {
    const auto at = static_cast<off64_t>(writeback_from_);
    constexpr auto kLength = static_cast<off64_t>(kWritebackBytes);
    // Only to keep the disk busy and the backlog short: fsync is what tells of errors.
    ::sync_file_range(fd_.get(), at, kLength, SYNC_FILE_RANGE_WRITE);
    if (at >= kLength) {
      ::sync_file_range(
          fd_.get(), at - kLength, kLength,
          SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    }
    writeback_from_ += kWritebackBytes;
  }
  return {};
}

Result<void> NamelessFile::set_attributes(const FileAttributes& attributes) {
  return write_attributes(fd_.get(), attributes, mode_, ModifiedTime::as_it_is);
}

Result<FileDescriptor> NamelessFile::settle(Sync sync) && {
  if (sync == Sync::alone && ::fsync(fd_.get()) != 0) return os_error("fsync the new file");
  FileDescriptor read_only(::open(path_of(fd_.get()).c_str(), O_RDONLY | O_CLOEXEC));
  if (!read_only) return os_error("open the new file again through /proc/self/fd");
  fd_.reset();
  return read_only;
}

Result<void> write_attributes(int fd, const FileAttributes& attributes, unsigned mode,
                              ModifiedTime modified) {
  // Setting "user." attributes needs write permission by mode, which a descriptor alone is not.
  if ((mode & S_IWUSR) == 0 && ::fchmod(fd, mode | S_IWUSR) != 0)
    return os_error("change the file's mode");
  CAVRA_CHECK(set_text(fd, kLockAttributeName, attributes.lock));
  CAVRA_CHECK(set_text(fd, "user.cavra.media_type", attributes.media_type));
  CAVRA_CHECK(set_text(fd, "user.cavra.metadata", attributes.metadata));
  timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
  // Where time stamps have 32 bits this clamps at 2038: the lock attribute is what counts.
  if (attributes.access_time_unix_s != FileAttributes::kNoTime)
    times[0] = {.tv_sec = attributes.access_time_unix_s, .tv_nsec = 0};
  if (modified == ModifiedTime::now) times[1].tv_nsec = UTIME_NOW;
  if (::futimens(fd, times) != 0) return os_error("set the file's times");
  if (::fchmod(fd, mode & ~0222U) != 0) return os_error("make the file read-only");
  return {};
}

Result<void> forbid_writers(int fd, std::string_view what) {
  // A broken lease sends SIGIO, which ends a process that has no handler. SIGURG is ignored by
  // default; we ask with F_GETLEASE and need no signal.
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0) return os_error("choose the signal of a lease");
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) == 0) return {};
  const std::string tried = "make sure that nobody writes to " + std::string(what);
  switch (errno) {
    case EAGAIN:
      return Error{ErrorCode::refused,
                   tried + ": another process has it open or mapped for writing; end that first",
                   true};
    case EACCES:
      return Error{ErrorCode::forbidden,
                   tried + ": it belongs to another user; run as its owner, or with CAP_LEASE",
                   false};
    case EINVAL:
      return Error{ErrorCode::refused,
                   tried + ": this kernel gives no leases; allow them: sysctl fs.leases-enable=1",
                   false};
    default:
      return os_error(tried);
  }
}

Result<void> name_file(int fd, const Folder& folder, const std::string& name, Sync sync) {
  const std::string what = quoted(folder.path + "/" + name);
  if (::linkat(AT_FDCWD, path_of(fd).c_str(), folder.fd.get(), name.c_str(), AT_SYMLINK_FOLLOW) !=
      0) {
    const int problem = errno;  // making the message may change errno
    Error error = os_error("name " + what, problem);
    if (problem == EEXIST) error.code = ErrorCode::conflict;
    if (problem == EPERM) {
      error = {ErrorCode::refused,
               "name " + what + ": the folder is sealed, and nothing comes into it any more",
               false};
    }
    return error;
  }
  return sync == Sync::alone ? sync_folder(folder) : Result<void>{};
}

Result<void> seal_file(const Sealer& sealer, int fd, std::string_view what, Sync sync) {
  CAVRA_CHECK(sealer.make_immutable(fd, what));
  return confirm_sealed(fd, what, sync);
}

Result<void> confirm_sealed(int fd, std::string_view what, Sync sync) {
  // fdatasync would not do: on ext4 the flag is lost at power failure.
  if (sync == Sync::alone && ::fsync(fd) != 0)
    return os_error("fsync the lock of " + std::string(what));
  // With the flag on, nobody opens it for writing any more; an unbroken lease shows that nobody has
  // since it was taken. Outside ext4 the flag would not stop a descriptor opened before.
  if (::fcntl(fd, F_GETLEASE) != F_RDLCK) {
    return Error{ErrorCode::refused,
                 "lock " + std::string(what) +
                     ": another process opened it for writing at that moment; end that process, "
                     "and compare the bytes",
                 false};
  }
  return {};
}

Result<void> sync_file_system(const Folder& folder) {
  if (::syncfs(folder.fd.get()) != 0)
    return os_error("sync the file system of " + quoted(folder.path));
  return {};
}

Result<void> seal_folder(const Sealer& sealer, const Folder& staging, const Folder& folder) {
  CAVRA_TRY(const Turn turn, Turn::take(staging));
  CAVRA_CHECK(sealer.make_immutable(folder.fd.get(), quoted(folder.path)));
  return sync_folder(folder);
}

Result<void> keep_names(const Sealer& sealer, const Folder& staging, const Folder& folder) {
  CAVRA_TRY(const Turn turn, Turn::take(staging));
  CAVRA_CHECK(sealer.make_append_only(folder.fd.get(), quoted(folder.path)));
  return sync_folder(folder);
}

}  // namespace cavra::local_worm
