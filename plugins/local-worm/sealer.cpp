#include "sealer.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>

#include <string>

#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

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
Result<void> set_flag(int fd, unsigned flag, std::string_view what) {
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
