// --retention-days, --retention and --retain-until: what an operator asks beside the signed policy.
#pragma once

#include <vector>

#include "cavra/retention.hpp"
#include "command.hpp"

namespace cavra::cli {

// The most days that are asked for: what lies between the years 1 and 9999.
inline constexpr std::int64_t kMaxRetentionDays = 3'652'058;

[[nodiscard]] std::vector<Option> retention_options();

// Errors: usage (more than one of them; not a period, not a time).
[[nodiscard]] Result<RetentionRequest> retention_request(const Arguments& arguments,
                                                         const std::optional<Period>& minimum);

}  // namespace cavra::cli
