#include "cavra/support/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "calendar.hpp"
#include "cavra/support/encoding.hpp"
#include "scanner.hpp"

namespace cavra {
namespace {

using detail::is_writable;
using detail::Scanner;

Error not_a_time(std::string_view text, const char* why) {
  return {ErrorCode::usage, "the time " + quoted(text, 60) + ": " + why +
                                "; write it as RFC 3339 says, like 2026-05-21T12:00:00Z"};
}

// ".5" as 500,000,000 nanoseconds; no point is none.
bool take_fraction(Scanner& scanner, std::int32_t& nanos) {
  nanos = 0;
  if (!scanner.take('.')) return true;
  const std::string_view digits = scanner.take_all_digits();
  if (digits.empty() || digits.size() > 9) return false;
  for (std::size_t i = 0; i < 9; ++i)
    nanos = nanos * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return true;
}

// "Z" or "+05:30". "-00:00" is RFC 3339's "offset unknown" (section 4.3): the moment is known.
bool take_zone(Scanner& scanner, std::int32_t& offset_minutes) {
  offset_minutes = 0;
  if (scanner.take('Z')) return true;
  const bool is_west = scanner.take('-');
  if (!is_west && !scanner.take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!scanner.take_digits(2, hours) || !scanner.take(':') || !scanner.take_digits(2, minutes))
    return false;
  if (hours > 23 || minutes > 59) return false;
  offset_minutes = (is_west ? -1 : 1) * (60 * hours + minutes);
  return true;
}

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

// "2033-05-19T12:00:00" of a writable time.
std::string format_seconds(std::int64_t seconds) {
  const auto [date, second_of_day] = detail::split(seconds);
  std::string out;
  append_padded(out, int{date.year()}, 4);
  out += '-';
  append_padded(out, unsigned{date.month()}, 2);
  out += '-';
  append_padded(out, unsigned{date.day()}, 2);
  out += 'T';
  append_padded(out, second_of_day / 3600, 2);
  out += ':';
  append_padded(out, second_of_day / 60 % 60, 2);
  out += ':';
  append_padded(out, second_of_day % 60, 2);
  return out;
}

}  // namespace

Result<OffsetTimestamp> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  int year = 0, month = 0, day = 0;
  if (!scanner.take_digits(4, year) || !scanner.take('-') || !scanner.take_digits(2, month) ||
      !scanner.take('-') || !scanner.take_digits(2, day))
    return not_a_time(text, "it does not begin with a date");
  const auto date = std::chrono::year_month_day(std::chrono::year(year),
                                                std::chrono::month(static_cast<unsigned>(month)),
                                                std::chrono::day(static_cast<unsigned>(day)));
  if (year < 1 || !date.ok()) return not_a_time(text, "there is no such day");

  int hour = 0, minute = 0, second = 0;
  if (!scanner.take('T') || !scanner.take_digits(2, hour) || !scanner.take(':') ||
      !scanner.take_digits(2, minute) || !scanner.take(':') || !scanner.take_digits(2, second))
    return not_a_time(text, "after the date it needs a capital T and hours:minutes:seconds");
  if (hour > 23 || minute > 59) return not_a_time(text, "there is no such time of day");
  // Leap seconds have no place in a count of seconds since 1970, nor in v1's times.
  if (second > 59) return not_a_time(text, "seconds go up to 59 (leap seconds are not taken)");

  OffsetTimestamp result;
  if (!take_fraction(scanner, result.at.nanos))
    return not_a_time(text, "a fraction has 1 to 9 digits after a point");
  if (!take_zone(scanner, result.offset_minutes))
    return not_a_time(text, "it must name its zone: a capital Z, or an offset like +02:00");
  if (!scanner.at_end()) return not_a_time(text, "something follows the zone");

  const std::int64_t second_of_day = 3600 * hour + 60 * minute + second;
  const std::int64_t offset_s = std::int64_t{60} * result.offset_minutes;
  result.at.unix_s =
      detail::unix_seconds_of(std::chrono::sys_days(date)) + second_of_day - offset_s;
  if (!is_writable(result.at.unix_s))
    return not_a_time(text, "in UTC it is not in the years 1 to 9999");
  return result;
}

std::string format_utc(const Timestamp& at) {
  if (!is_writable(at.unix_s)) return "@" + std::to_string(at.unix_s);
  std::string out = format_seconds(at.unix_s);
  if (at.nanos != 0) {
    out += '.';
    append_padded(out, at.nanos, 9);
    while (out.ends_with('0'))
      out.pop_back();
  }
  return out + "Z";
}

std::string format_python(const OffsetTimestamp& at) {
  // Far outside the range first: the sum below must not overflow.
  if (!is_writable(at.at.unix_s)) return "@" + std::to_string(at.at.unix_s);
  const std::int64_t local_s = at.at.unix_s + std::int64_t{60} * at.offset_minutes;
  if (!is_writable(local_s)) return "@" + std::to_string(at.at.unix_s);
  std::string out = format_seconds(local_s);
  if (const std::int32_t micros = at.at.nanos / 1000; micros != 0) {
    out += '.';
    append_padded(out, micros, 6);
  }
  const std::int64_t minutes = std::abs(std::int64_t{at.offset_minutes});
  out += at.offset_minutes < 0 ? '-' : '+';
  append_padded(out, minutes / 60, 2);
  out += ':';
  append_padded(out, minutes % 60, 2);
  return out;
}

Timestamp now_utc() {
  using std::chrono::microseconds;
  const auto now = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  return {whole.time_since_epoch().count(),
          static_cast<std::int32_t>(std::chrono::nanoseconds(now - whole).count())};
}

std::int64_t ceil_to_second(const Timestamp& at) {
  return at.unix_s + (at.nanos > 0 ? 1 : 0);
}

}  // namespace cavra
