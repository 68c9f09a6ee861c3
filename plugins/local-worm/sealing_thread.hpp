// SealingThread: the one thread of the process that keeps CAP_LINUX_IMMUTABLE. All flags of all
// stores are set on it; every other thread that comes into this plugin gives the capability up.
//
// So a mistake anywhere else in the process, and what it starts, can lift no lock. That is no wall
// against code that an attacker runs in the process: its threads share their memory.
//
// It starts with the first opening of a store and lives as long as the process: the threads that
// come later no longer have what they would need to start another. It waits, touches nothing of the
// host, and takes no signals. Nothing of it is ever destroyed, so that it may still wait while the
// process ends.
#pragma once

#include <span>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

// One flag to set on one open file or folder: FS_IMMUTABLE_FL or FS_APPEND_FL.
struct FlagJob {
  int fd = -1;
  unsigned flag = 0;
  int problem = 0;  // errno, as the answer; 0: it is set
};

class SealingThread {
 public:
  // Called where a thread enters the plugin. Starts the sealing thread of this process, where there
  // is none and the calling one has the capability; then takes it from the calling one, for good:
  // effective, permitted, inheritable and ambient. Any thread. Errors: io.
  [[nodiscard]] static Result<void> take_privilege();

  // Whether there is one in this process; a child of fork() has none until it makes its own.
  [[nodiscard]] static bool is_there();

  // Sets the flags, in order, and waits for that: many at once cost one change of threads. Where
  // there is no sealing thread the calling one tries, and the kernel says why not. Any thread.
  static void set_flags(std::span<FlagJob> jobs);
};

}  // namespace cavra::local_worm
