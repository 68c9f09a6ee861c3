// attempt_on_lock(): tries to break the lock of one object, as the store's owner could without
// CAP_LINUX_IMMUTABLE. For `cavra store probe --destructive-test`; nothing else deletes here.
#pragma once

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"
#include "object_key.hpp"

namespace cavra::local_worm {

// The folder of the objects that may be attempted, directly below the root.
inline constexpr std::string_view kProbeFolder = "cavra-probe";

// Really tries, by plain system calls: where the lock does not hold, the object is gone or changed.
//  - remove: unlink.
//  - overwrite: open for writing with truncation; rename of another file over it.
//  - shorten: the lock attribute with a date of 1970.
//  - clear: the immutable flag taken off. A flag that is not set is `succeeded`.
// The calling thread has no CAP_LINUX_IMMUTABLE. refused_by_lock only where a flag stands and this
// user's other rights would have been enough. Errors: refused (any key outside of cavra-probe/; an
// object without a lock attribute), not_found, unsupported, unavailable, io.
[[nodiscard]] Result<sdk::AttemptOutcome> attempt_on_lock(const Folder& root, const ObjectKey& key,
                                                          sdk::Attempt act);

}  // namespace cavra::local_worm
