// Immutability policy and legal hold, as headers and elements have them.
//
// https://learn.microsoft.com/rest/api/storageservices/set-blob-immutability-policy. Pure: any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "http/headers.hpp"

namespace cavra::azure {

// The date's name and the mode's: the same in a request, an answer, and a policy verb.
inline constexpr std::string_view kUntilHeader = "x-ms-immutability-policy-until-date";
inline constexpr std::string_view kModeHeader = "x-ms-immutability-policy-mode";
inline constexpr std::string_view kHoldHeader = "x-ms-legal-hold";

enum class PolicyMode { unlocked, locked };

// No date: no headers. The date is a second that HTTP can say (years to 9999).
[[nodiscard]] http::Headers policy_headers(const sdk::Lock& lock, PolicyMode mode);

// What stands in an answer's headers, or in a listing. Both texts empty: no policy. Errors:
// unproven (text that is no policy, a date without a mode or the reverse).
[[nodiscard]] Result<sdk::Lock> parse_policy(std::string_view until, std::string_view mode,
                                             std::string_view hold);
[[nodiscard]] Result<sdk::Lock> lock_of(const http::Headers& headers);

}  // namespace cavra::azure
