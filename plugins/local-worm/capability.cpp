#include "capability.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace cavra::local_worm {
namespace {

// glibc has no wrappers, and libcap would be a dependency for one bit.
struct Capabilities {
  [[nodiscard]] static Capabilities of_this_thread() {
    Capabilities all;
    // Fails for wrong arguments only.
    ::syscall(SYS_capget, &all.header, all.words.data());
    return all;
  }
  void put_in_force() { ::syscall(SYS_capset, &header, words.data()); }

  [[nodiscard]] __user_cap_data_struct& word(unsigned capability) {
    return words.at(CAP_TO_INDEX(capability));
  }

  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> words{};
};

}  // namespace

bool has_capability(unsigned capability) {
  Capabilities all = Capabilities::of_this_thread();
  return (all.word(capability).effective & CAP_TO_MASK(capability)) != 0;
}

WithoutImmutable::WithoutImmutable() : was_there_(has_capability(CAP_LINUX_IMMUTABLE)) {
  if (!was_there_) return;
  Capabilities all = Capabilities::of_this_thread();
  all.word(CAP_LINUX_IMMUTABLE).effective &= ~CAP_TO_MASK(CAP_LINUX_IMMUTABLE);
  all.put_in_force();
}

WithoutImmutable::~WithoutImmutable() {
  if (!was_there_) return;
  Capabilities all = Capabilities::of_this_thread();
  all.word(CAP_LINUX_IMMUTABLE).effective |= CAP_TO_MASK(CAP_LINUX_IMMUTABLE);
  all.put_in_force();
}

}  // namespace cavra::local_worm
