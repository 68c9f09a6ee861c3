// Tries to break the lock of a trial blob, as the destructive test asks: with what rights this user
// has.
#pragma once

#include <string_view>

#include "azure_settings.hpp"
#include "blob_versions.hpp"

namespace cavra::azure {

// As attempt() of the contract. Errors: refused (a key outside of "PREFIX/cavra-probe/", no
// version where the scope is versions), unsupported (what would change a container's policy), those
// of asking.
[[nodiscard]] Result<sdk::AttemptOutcome> attempt_on_lock(const Asking& ask,
                                                          const AzureSettings& settings,
                                                          sdk::Attempt act, std::string_view key,
                                                          std::string_view version);

}  // namespace cavra::azure
