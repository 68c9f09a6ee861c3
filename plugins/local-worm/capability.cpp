#include "capability.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "os_error.hpp"

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

  [[nodiscard]] __user_cap_data_struct& word(unsigned capability) {
    return words.at(CAP_TO_INDEX(capability));
  }

  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> words{};
};

constexpr unsigned kImmutable = CAP_TO_MASK(CAP_LINUX_IMMUTABLE);

}  // namespace

bool has_capability(unsigned capability) {
  Capabilities all = Capabilities::of_this_thread();
  return (all.word(capability).effective & CAP_TO_MASK(capability)) != 0;
}

bool may_have_immutable() {
  Capabilities all = Capabilities::of_this_thread();
  const __user_cap_data_struct& word = all.word(CAP_LINUX_IMMUTABLE);
  return ((word.effective | word.permitted | word.inheritable) & kImmutable) != 0;
}

Result<void> give_up_immutable() {
  // Out of the bounding set, too, where that is allowed (CAP_SETPCAP; root has it): else a program
  // that root starts gets it back. Per thread, and inherited by what it starts.
  ::prctl(PR_CAPBSET_DROP, CAP_LINUX_IMMUTABLE, 0, 0, 0);
  Capabilities all = Capabilities::of_this_thread();
  __user_cap_data_struct& word = all.word(CAP_LINUX_IMMUTABLE);
  word.effective &= ~kImmutable;
  word.permitted &= ~kImmutable;
  // The ambient set follows: it holds nothing that these two lack (capabilities(7)).
  word.inheritable &= ~kImmutable;
  if (::syscall(SYS_capset, &all.header, all.words.data()) != 0)
    return os_error("give up CAP_LINUX_IMMUTABLE");
  return {};
}

}  // namespace cavra::local_worm
