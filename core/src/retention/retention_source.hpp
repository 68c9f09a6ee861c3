// The sources of a retention date, in the order in which equal dates are told.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cavra/retention.hpp"

namespace cavra::detail {

struct RetentionSource {
  std::string_view name;
  // Where its date is kept as a candidate.
  std::optional<std::int64_t> RetentionDate::* candidate = nullptr;
};

inline constexpr RetentionSource kSignedPolicy{"signed policy",
                                               &RetentionDate::signed_policy_unix_s};
inline constexpr RetentionSource kRequestedPeriod{"requested period",
                                                  &RetentionDate::requested_unix_s};
inline constexpr RetentionSource kRequestedDate{"requested date", &RetentionDate::requested_unix_s};
inline constexpr RetentionSource kConfiguredMinimum{"configured minimum",
                                                    &RetentionDate::minimum_unix_s};
inline constexpr std::array kRetentionSources{kSignedPolicy, kRequestedPeriod, kRequestedDate,
                                              kConfiguredMinimum};

}  // namespace cavra::detail
