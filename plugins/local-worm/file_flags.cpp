#include "file_flags.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "cavra/support/encoding.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {

bool FileStatus::is_regular() const noexcept {
  return S_ISREG(mode);
}
bool FileStatus::is_folder() const noexcept {
  return S_ISDIR(mode);
}

namespace {

FileStatus status_from(const struct statx& raw) {
  FileStatus status{.mode = raw.stx_mode,
                    .size = raw.stx_size,
                    .modified_unix_s = raw.stx_mtime.tv_sec,
                    .device = makedev(raw.stx_dev_major, raw.stx_dev_minor),
                    .inode = raw.stx_ino,
                    .link_count = raw.stx_nlink,
                    .uid = raw.stx_uid,
                    .flags = std::nullopt};
  // A bit counts only where the mask has it (statx(2), "File attributes").
  constexpr std::uint64_t kBoth = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
  if ((raw.stx_attributes_mask & kBoth) == kBoth) {
    status.flags = FileFlags{.is_immutable = (raw.stx_attributes & STATX_ATTR_IMMUTABLE) != 0,
                             .is_append_only = (raw.stx_attributes & STATX_ATTR_APPEND) != 0};
  }
  return status;
}

// FORCE_SYNC: a network file system must ask its server.
constexpr int kAlways = AT_STATX_FORCE_SYNC | AT_SYMLINK_NOFOLLOW;

}  // namespace

Result<FileStatus> status_of(int fd, std::string_view what) {
  struct statx raw{};
  if (::statx(fd, "", AT_EMPTY_PATH | kAlways, STATX_BASIC_STATS, &raw) != 0)
    return os_error("look at " + quoted(what));
  return status_from(raw);
}

Result<FileStatus> status_at(int folder_fd, const std::string& path) {
  struct statx raw{};
  if (::statx(folder_fd, path.c_str(), kAlways, STATX_BASIC_STATS, &raw) == 0)
    return status_from(raw);
  const int problem = errno;  // making the message may change errno
  Error error = os_error("look at " + quoted(path), problem);
  if (problem == ENOENT || problem == ENOTDIR) error.code = ErrorCode::not_found;
  return error;
}

}  // namespace cavra::local_worm
