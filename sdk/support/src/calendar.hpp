// Days and seconds of the proleptic Gregorian calendar, over <chrono>. Private to this folder.
#pragma once

#include <chrono>
#include <cstdint>

#include "cavra/support/time.hpp"

namespace cavra::detail {

inline constexpr std::int64_t kSecondsPerDay = 86400;

// In the years 1 to 9999, as seconds since 1970 in whatever offset.
[[nodiscard]] inline constexpr bool is_writable(std::int64_t unix_s) {
  return unix_s >= kMinUnixSeconds && unix_s <= kMaxUnixSeconds;
}

// A day and the seconds since its midnight.
struct LocalTime {
  std::chrono::year_month_day date{};
  std::int64_t second_of_day = 0;
};

// `seconds` must be writable.
[[nodiscard]] inline LocalTime split(std::int64_t seconds) {
  const std::int64_t second_of_day = ((seconds % kSecondsPerDay) + kSecondsPerDay) % kSecondsPerDay;
  const auto days = std::chrono::days((seconds - second_of_day) / kSecondsPerDay);
  return {std::chrono::year_month_day(std::chrono::sys_days(days)), second_of_day};
}

[[nodiscard]] inline std::int64_t unix_seconds_of(std::chrono::sys_days day) {
  return std::int64_t{day.time_since_epoch().count()} * kSecondsPerDay;
}

}  // namespace cavra::detail
