#include "sealer.hpp"

#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>

#include "file_flags.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

class FileLock {
 public:
  explicit FileLock(int fd) : fd_(take(fd) ? fd : -1) {}
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (fd_ >= 0) ::flock(fd_, LOCK_UN);
  }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

 private:
  static bool take(int fd) {
    int done = 0;
    do
      done = ::flock(fd, LOCK_EX);
    while (done != 0 && errno == EINTR);
    return done == 0;
  }
  int fd_;
};

Error flag_error(std::string_view what, int error) {
  const std::string tried = "lock " + std::string(what);
  switch (error) {
    case EPERM:
      return {ErrorCode::refused,
              tried + ": the kernel did not allow the flag; " +
                  std::string(advice_on_missing_capability()),
              false};
    case ENOTTY:
    case EOPNOTSUPP:
      return {ErrorCode::refused,
              tried +
                  ": this file system has no such flags; put the store on ext4 or XFS, or set "
                  "\"require\": \"advisory\"",
              false};
    default:
      return os_error(tried, error);
  }
}

// Read, then write: ext4 files carry flags of the system's own, such as extents (0x80000). The
// ioctls are numbered as if they took a long; the kernel copies an int.
// Two processes that do it at once would each write back what the other has just changed: a sealed
// folder could lose its immutable flag. So they take turns, by a lock on the file itself, which
// its flags do not forbid.
Result<void> change_flags(int fd, unsigned set, unsigned clear, std::string_view what) {
  const FileLock turn(fd);
  if (!turn) return os_error("take turns to lock " + std::string(what), errno);
  int flags = 0;
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return flag_error(what, errno);
  const unsigned before = static_cast<unsigned>(flags);
  // Immutable forbids more than append-only: what has it needs no other.
  if ((before & FS_IMMUTABLE_FL) != 0 && clear == 0) return {};
  const unsigned after = (before | set) & ~clear;
  if (after == before) return {};
  flags = static_cast<int>(after);
  if (::ioctl(fd, FS_IOC_SETFLAGS, &flags) != 0) return flag_error(what, errno);
  return {};
}

}  // namespace

std::string_view advice_on_missing_capability() {
  return "this process lacks CAP_LINUX_IMMUTABLE of the machine itself (containers drop it): run "
         "as "
         "root, or grant it with `setpriv --inh-caps +linux_immutable --ambient-caps "
         "+linux_immutable`, or set \"require\": \"advisory\" to store without a lock";
}

bool Sealer::has_capability() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  // glibc has no wrapper, and libcap would be a dependency for one bit.
  if (::syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data[CAP_TO_INDEX(CAP_LINUX_IMMUTABLE)].effective & CAP_TO_MASK(CAP_LINUX_IMMUTABLE)) !=
         0;
}

Result<void> Sealer::make_immutable(int fd, std::string_view what) const {
  return change_flags(fd, FS_IMMUTABLE_FL, 0, what);
}

Result<void> Sealer::make_append_only(int fd, std::string_view what) const {
  return change_flags(fd, FS_APPEND_FL, 0, what);
}

Result<void> Sealer::release_nameless(int fd) const {
  CAVRA_TRY(const FileStatus status, status_of(fd, "the trial file"));
  if (status.link_count != 0)
    return Error{ErrorCode::internal, "a flag of a file with a name is never cleared", false};
  return change_flags(fd, 0, FS_IMMUTABLE_FL, "the trial file");
}

}  // namespace cavra::local_worm
