// The Linux capabilities of the calling thread. Each thread has its own.
#pragma once

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

// Whether this thread has the capability (CAP_…, from <linux/capability.h>) in force. Having it is
// not enough: it must be that of the initial user namespace, which only trying shows.
[[nodiscard]] bool has_capability(unsigned capability);

// Whether this thread has CAP_LINUX_IMMUTABLE in force, could put it there, or would hand it on to
// a program that it starts.
[[nodiscard]] bool may_have_immutable();

// Takes it out of all of this thread's sets, for good; threads that it starts have none either.
// (As root a new program would have it again.) Errors: forbidden.
[[nodiscard]] Result<void> give_up_immutable();

}  // namespace cavra::local_worm
