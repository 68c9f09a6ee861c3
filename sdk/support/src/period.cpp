// Retention periods and the calendar sums with them (time.hpp).
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "calendar.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "scanner.hpp"

namespace cavra {
namespace {

using detail::is_writable;
using detail::Scanner;

constexpr std::int32_t kMinutesPerDay = 1440;
constexpr int kMaxYear = 9999;

Error not_a_period(std::string_view text, const char* why) {
  return {ErrorCode::usage, "the period " + quoted(text, 60) + ": " + why +
                                "; write days like 2555d, calendar years like 7y, or ISO 8601 "
                                "like P1Y6M or P52W"};
}

// A count of units; nothing where there is no digit or it does not fit.
std::optional<std::int32_t> take_count(Scanner& scanner) {
  const std::string_view digits = scanner.take_all_digits();
  std::int32_t count = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (digits.empty() || parsed.ec != std::errc{}) return std::nullopt;
  return count;
}

// What follows the P: units in falling order, each at most once. Weeks stand alone (RFC 3339,
// appendix A, "dur-week"): one way to write a period.
bool take_iso_units(Scanner& scanner, Period& period) {
  struct Unit {
    char letter;
    std::int32_t Period::* member;
  };
  static constexpr std::array kUnits{Unit{'Y', &Period::years}, Unit{'M', &Period::months},
                                     Unit{'D', &Period::days}};
  bool has_units = false;
  auto allowed = kUnits.begin();
  while (!scanner.at_end()) {
    const auto count = take_count(scanner);
    if (!count) return false;
    if (!has_units && scanner.take('W')) {
      if (*count > std::numeric_limits<std::int32_t>::max() / 7) return false;
      period.days = *count * 7;
      return scanner.at_end();
    }
    const auto takes_it = [&](const Unit& unit) { return scanner.take(unit.letter); };
    const auto unit = std::find_if(allowed, kUnits.end(), takes_it);
    if (unit == kUnits.end()) return false;
    period.*(unit->member) = *count;
    allowed = unit + 1;
    has_units = true;
  }
  return has_units;
}

bool take_short_form(Scanner& scanner, Period& period) {
  const auto count = take_count(scanner);
  if (!count) return false;
  if (scanner.take('d')) {
    period.days = *count;
  } else if (scanner.take('y')) {
    period.years = *count;
  } else {
    return false;
  }
  return scanner.at_end();
}

}  // namespace

Result<Period> parse_period(std::string_view text) {
  Scanner scanner(text);
  Period period;
  const bool is_read =
      scanner.take('P') ? take_iso_units(scanner, period) : take_short_form(scanner, period);
  if (!is_read)
    return not_a_period(text, "it is not a number of whole years, months, weeks or days");
  if (period == Period{}) return not_a_period(text, "it must be longer than nothing");
  return period;
}

std::string format_period(const Period& period) {
  const auto& [years, months, days] = period;
  if (months == 0 && years == 0 && days != 0) return std::to_string(days) + "d";
  if (months == 0 && days == 0 && years != 0) return std::to_string(years) + "y";
  std::string out = "P";
  if (years != 0) out += std::to_string(years) + "Y";
  if (months != 0) out += std::to_string(months) + "M";
  if (days != 0 || period == Period{}) out += std::to_string(days) + "D";
  return out;
}

Result<OffsetTimestamp> add(const OffsetTimestamp& at, const Period& period) {
  // A retention date never moves back.
  if (period.years < 0 || period.months < 0 || period.days < 0)
    return Error{ErrorCode::usage, "the period " + format_period(period) + " is negative"};
  const auto overflow = [&] {
    return Error{ErrorCode::usage, format_utc(at.at) + " + " + format_period(period) +
                                       " is not in the years 1 to 9999"};
  };
  if (!is_writable(at.at.unix_s) || std::abs(std::int64_t{at.offset_minutes}) >= kMinutesPerDay)
    return overflow();
  const std::int64_t offset_s = std::int64_t{60} * at.offset_minutes;
  const auto [date, second_of_day] = detail::split(at.at.unix_s + offset_s);

  const std::int64_t months = std::int64_t{12} * (int{date.year()} + std::int64_t{period.years}) +
                              unsigned{date.month()} - 1 + period.months;
  const std::int64_t year = months / 12;
  if (year < 1 || year > kMaxYear) return overflow();
  const auto month = std::chrono::year(static_cast<int>(year)) /
                     std::chrono::month(static_cast<unsigned>(months % 12) + 1);
  const auto last_day = (month / std::chrono::last).day();
  const auto day = std::chrono::sys_days(month / std::min(date.day(), last_day));

  const std::int64_t local_s =
      detail::unix_seconds_of(day) + period.days * detail::kSecondsPerDay + second_of_day;
  if (!is_writable(local_s) || !is_writable(local_s - offset_s)) return overflow();
  return OffsetTimestamp{{local_s - offset_s, at.at.nanos}, at.offset_minutes};
}

}  // namespace cavra
