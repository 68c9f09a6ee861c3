// Sealer sets the flags that lock, on the one thread that has the privilege (sealing_thread.hpp).
//
// Nothing here clears a flag. A flag set is not yet durable: the caller
// fsyncs after it (fdatasync loses it on ext4, measured). Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

struct ToSeal {
  int fd;
  std::string what;  // for the message
};

class Sealer {
 public:
  // +i on a file or folder, +a on a folder; set again is fine. `what` is for the message. A
  // folder's flags are two, and each call reads them and writes them back: its callers take turns
  // (turn.hpp), or a sealed folder could lose its +i. A file's one flag needs no turn. Errors:
  // refused (no privilege, or the file system has no flags), io.
  [[nodiscard]] Result<void> make_immutable(int fd, std::string_view what) const;
  // Many files at once: an answer for each, in order.
  [[nodiscard]] std::vector<Result<void>> make_immutable(std::span<const ToSeal> files) const;
  [[nodiscard]] Result<void> make_append_only(int fd, std::string_view what) const;
};

// What to do where the privilege is missing: the same words in put and probe.
[[nodiscard]] std::string_view advice_on_missing_capability();

}  // namespace cavra::local_worm
