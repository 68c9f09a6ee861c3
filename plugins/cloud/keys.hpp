// What can be a key of the contract, and which keys are a trial's. Pure: any thread.
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::cloud {

// A listing leaves out what cannot.
[[nodiscard]] bool can_be_key(std::string_view key);
// Locks are tried to break on versions below "PREFIX/cavra-probe/" alone. Errors: refused.
[[nodiscard]] Result<void> require_trial(std::string_view prefix, std::string_view key,
                                         std::string_view version);

}  // namespace cavra::cloud
