#include "os_error.hpp"

#include <cstring>

namespace cavra::local_worm {
namespace {

struct Meaning {
  int error;
  ErrorCode code;
  bool is_retryable;
  std::string_view advice;
};

constexpr Meaning kMeanings[] = {
    {ENOSPC, ErrorCode::io, true, "free some space; nothing half-written was left"},
    {EDQUOT, ErrorCode::io, true, "raise the quota; nothing half-written was left"},
    {EIO, ErrorCode::io, false, "the disk failed: look at the kernel's log before trying again"},
    {EROFS, ErrorCode::refused, false, "the file system is mounted read-only: remount it"},
    {EXDEV, ErrorCode::refused, false, "something is mounted inside the store: unmount it"},
    {ELOOP, ErrorCode::refused, false, "there is a symbolic link, and the store has none"},
    {EOPNOTSUPP, ErrorCode::refused, false, "the file system cannot do it: use ext4 or XFS"},
    {EACCES, ErrorCode::forbidden, false, "this user lacks the permission"},
    {EPERM, ErrorCode::forbidden, false, "the kernel does not allow it to this user"},
    {ENOSYS, ErrorCode::unsupported, false, "Linux 5.6 or later is needed"},
    {EMFILE, ErrorCode::io, true, "too many open files: raise the limit or use fewer workers"},
    {ENFILE, ErrorCode::io, true, "too many open files on this machine"},
    {ENOMEM, ErrorCode::io, true, "the machine is out of memory"},
};

}  // namespace

Error os_error(std::string_view tried, int error) {
  const char* const words = ::strerrordesc_np(error);
  Error result{ErrorCode::io, std::string(tried) + ": " + (words != nullptr ? words : "unknown"),
               false};
  for (const Meaning& meaning : kMeanings) {
    if (meaning.error != error) continue;
    result.code = meaning.code;
    result.retryable = meaning.is_retryable;
    result.message.append("; ").append(meaning.advice);
  }
  return result;
}

}  // namespace cavra::local_worm
