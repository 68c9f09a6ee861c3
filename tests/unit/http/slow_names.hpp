// Names that are resolved as badly as a test wants: getaddrinfo() of this program.
//
// "unknown.test" is unknown at once. Nothing becomes of "slow.test" while a SlowNames is alive. All
// else is asked of the system.
#pragma once

namespace cavra::testing {

class SlowNames {
 public:
  SlowNames();
  ~SlowNames();  // waits until those who ask were told that there is no such name
  SlowNames(const SlowNames&) = delete;
  SlowNames& operator=(const SlowNames&) = delete;

  // Whether somebody asks right now.
  [[nodiscard]] bool is_asked() const;
};

}  // namespace cavra::testing
