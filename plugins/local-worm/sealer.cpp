#include "sealer.hpp"

#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <time.h>

#include <string>
#include <utility>

#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

// Others may hold a flock for as long as they like, and a put must end: so much and no more.
constexpr int kMaxTurnWaits = 2000;
constexpr timespec kTurnWait{.tv_sec = 0, .tv_nsec = 1000000};

// One process at a time on one file, by flock: a read-only descriptor and a flagged file allow it.
class FileLock {
 public:
  // Errors: unavailable.
  [[nodiscard]] static Result<FileLock> take(int fd, std::string_view what) {
    for (int waits = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0; ++waits) {
      const std::string tried = "take turns to lock " + std::string(what);
      if (errno != EWOULDBLOCK && errno != EINTR) return os_error(tried);
      if (waits == kMaxTurnWaits) {
        return Error{ErrorCode::unavailable, tried + ": another process holds a flock on it", true};
      }
      ::nanosleep(&kTurnWait, nullptr);
    }
    return FileLock(fd);
  }
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (fd_ >= 0) ::flock(fd_, LOCK_UN);
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
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
Result<void> set_flag(int fd, unsigned flag, std::string_view what) {
  CAVRA_TRY(const FileLock turn, FileLock::take(fd, what));
  int flags = 0;
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return flag_error(what, errno);
  const unsigned before = static_cast<unsigned>(flags);
  // Immutable forbids more than append-only: what has it needs no other.
  if ((before & (flag | FS_IMMUTABLE_FL)) != 0) return {};
  flags = static_cast<int>(before | flag);
  if (::ioctl(fd, FS_IOC_SETFLAGS, &flags) != 0) return flag_error(what, errno);
  return {};
}

}  // namespace

std::string_view advice_on_missing_capability() {
  return "this process lacks CAP_LINUX_IMMUTABLE of the machine itself (containers drop it): "
         "be root, or start it by `setpriv --reuid USER --regid GROUP --init-groups "
         "--inh-caps +linux_immutable --ambient-caps +linux_immutable`, or set "
         "\"require\": \"advisory\" to store without a lock";
}

Result<void> Sealer::make_immutable(int fd, std::string_view what) const {
  return set_flag(fd, FS_IMMUTABLE_FL, what);
}

Result<void> Sealer::make_append_only(int fd, std::string_view what) const {
  return set_flag(fd, FS_APPEND_FL, what);
}

}  // namespace cavra::local_worm
