#include "turn.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include <cerrno>

#include "cavra/support/encoding.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

constexpr int kMaxWaits = 2000;
constexpr timespec kWait{.tv_sec = 0, .tv_nsec = 1000000};

}  // namespace

Result<Turn> Turn::take(const Folder& staging) {
  // A flock belongs to an open file description: one of our own.
  CAVRA_TRY(FileDescriptor fd, open_beneath(staging, ".", O_RDONLY | O_DIRECTORY));
  for (int waits = 0; ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0; ++waits) {
    const std::string tried = "take turns with other processes at " + quoted(staging.path);
    if (errno != EWOULDBLOCK && errno != EINTR) return os_error(tried);
    if (waits == kMaxWaits) {
      return Error{ErrorCode::unavailable,
                   tried + ": another one holds a flock on it and does not end (a stopped one?)",
                   true};
    }
    ::nanosleep(&kWait, nullptr);
  }
  return Turn(std::move(fd));
}

}  // namespace cavra::local_worm
