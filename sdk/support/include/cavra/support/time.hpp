// Points in time as records and locks name them: RFC 3339 text, calendar sums, retention periods.
//
// No time zones but offsets, no leap seconds, years 1 to 9999. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra {

// A moment: seconds since 1970-01-01T00:00:00Z and the nanoseconds after it (0 to 999,999,999).
struct Timestamp {
  std::int64_t unix_s = 0;
  std::int32_t nanos = 0;

  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// A moment together with the offset it was written with, which v1's sums keep.
struct OffsetTimestamp {
  Timestamp at;
  std::int32_t offset_minutes = 0;

  friend bool operator==(const OffsetTimestamp&, const OffsetTimestamp&) = default;
};

// Seconds of the last moment that can be written: 9999-12-31T23:59:59Z; and of the first.
inline constexpr std::int64_t kMaxUnixSeconds = 253402300799;
inline constexpr std::int64_t kMinUnixSeconds = -62135596800;

// RFC 3339 date-time with a zone, up to nine digits of fraction, 'T' and 'Z' or offset in capital
// letters; no leap second. A date without a zone is an error, and so is a moment outside the years
// 1 to 9999 of UTC. Errors: usage.
[[nodiscard]] Result<OffsetTimestamp> parse_rfc3339(std::string_view text);

// "2033-05-19T12:00:00Z": UTC; a fraction only where there is one, without trailing zeros.
// Outside the years 1 to 9999 (a store may answer anything): "@" and the seconds, which no reader
// takes for a date.
[[nodiscard]] std::string format_utc(const Timestamp& at);

// As Python's datetime.isoformat writes it: "2033-05-19T12:00:00.123456+00:00", six digits of
// fraction, or none where the microseconds are 0. Nanoseconds are cut. "@…" as format_utc().
[[nodiscard]] std::string format_python(const OffsetTimestamp& at);

// The system clock now, cut to microseconds.
[[nodiscard]] Timestamp now_utc();

// The next whole second at or after `at`: one more than kMaxUnixSeconds after the last of all.
[[nodiscard]] std::int64_t ceil_to_second(const Timestamp& at);

// A length of time in calendar years, months, and days: 7y is not 2555d.
struct Period {
  std::int32_t years = 0;
  std::int32_t months = 0;
  std::int32_t days = 0;

  friend bool operator==(const Period&, const Period&) = default;
};

// "2555d", "7y", or ISO 8601 with whole years, months and days ("P7Y", "P1Y6M"), or weeks alone
// ("P52W"). Zero and negative periods, fractions, times of day, and counts beyond 32 bits are
// errors. Errors: usage.
[[nodiscard]] Result<Period> parse_period(std::string_view text);
// What parse_period() reads as the same: "2555d", "7y", "P1Y6M".
[[nodiscard]] std::string format_period(const Period& period);

// Calendar sum in `at`'s own offset: years and months first, the day cut to the end of the month,
// then the days. Errors: usage when it passes year 9999, there or in UTC, or something in the
// period is negative.
[[nodiscard]] Result<OffsetTimestamp> add(const OffsetTimestamp& at, const Period& period);

}  // namespace cavra
