// attempt_on_lock(): tries to break the lock of one trial object, as its uploader could. For
// `cavra store probe --destructive-test`; nothing else deletes here.
#pragma once

#include <string_view>

#include "object_versions.hpp"
#include "s3_settings.hpp"

namespace cavra::s3 {

// Really tries; without the header that bypasses governance. A refusal shows a lock only where the
// same user may do the same to what is not locked, which is tried, too:
//  - remove: the version is deleted. Control: a delete marker, laid on top and deleted.
//  - overwrite: another version is put above. The old one must be what it was.
//  - shorten: a date one second earlier. Control: the same date again.
//  - clear: an empty retention. The same control.
// Leaves a delete marker, or a version, where it may not remove what it put. Errors: refused (any
// key outside of cavra-probe/), unsupported (it could not be tried), those of asking.
[[nodiscard]] Result<sdk::AttemptOutcome> attempt_on_lock(const Asking& ask,
                                                          const S3Settings& settings,
                                                          sdk::Attempt act, std::string_view key,
                                                          std::string_view version);

}  // namespace cavra::s3
