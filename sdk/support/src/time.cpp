#include "cavra/support/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int32_t kMinutesPerDay = 1440;
constexpr int kMaxYear = 9999;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_writable(std::int64_t unix_s) {
  return unix_s >= kMinUnixSeconds && unix_s <= kMaxUnixSeconds;
}

// Takes a text apart from its front. Each call gives false, or nothing, where the text is another.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A number of exactly `count` digits.
  [[nodiscard]] bool take_digits(std::size_t count, int& number) {
    if (count_digits() < count) return false;
    std::from_chars(rest_.data(), rest_.data() + count, number);
    rest_.remove_prefix(count);
    return true;
  }

  // As many digits as there are: maybe none.
  [[nodiscard]] std::string_view take_all_digits() {
    const std::string_view digits = rest_.substr(0, count_digits());
    rest_.remove_prefix(digits.size());
    return digits;
  }

 private:
  [[nodiscard]] std::size_t count_digits() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) -
                                    rest_.begin());
  }

  std::string_view rest_;
};

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

// A day and the seconds since its midnight.
struct LocalTime {
  std::chrono::year_month_day date;
  std::int64_t second_of_day = 0;
};

LocalTime split(std::int64_t seconds) {
  const std::int64_t second_of_day = ((seconds % kSecondsPerDay) + kSecondsPerDay) % kSecondsPerDay;
  const auto days = std::chrono::days((seconds - second_of_day) / kSecondsPerDay);
  return {std::chrono::year_month_day(std::chrono::sys_days(days)), second_of_day};
}

std::int64_t unix_seconds_of(std::chrono::sys_days day) {
  return std::int64_t{day.time_since_epoch().count()} * kSecondsPerDay;
}

// "2033-05-19T12:00:00" of a writable time.
std::string format_seconds(std::int64_t seconds) {
  const auto [date, second_of_day] = split(seconds);
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

  result.at.unix_s = unix_seconds_of(std::chrono::sys_days(date)) + 3600 * hour + 60 * minute +
                     second - 60 * result.offset_minutes;
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

namespace {

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
  const auto [date, second_of_day] = split(at.at.unix_s + offset_s);

  const std::int64_t months = std::int64_t{12} * (int{date.year()} + std::int64_t{period.years}) +
                              unsigned{date.month()} - 1 + period.months;
  const std::int64_t year = months / 12;
  if (year < 1 || year > kMaxYear) return overflow();
  const auto month = std::chrono::year(static_cast<int>(year)) /
                     std::chrono::month(static_cast<unsigned>(months % 12) + 1);
  const auto last_day = (month / std::chrono::last).day();
  const auto day = std::chrono::sys_days(month / std::min(date.day(), last_day));

  const std::int64_t local_s = unix_seconds_of(day) + period.days * kSecondsPerDay + second_of_day;
  if (!is_writable(local_s) || !is_writable(local_s - offset_s)) return overflow();
  return OffsetTimestamp{{local_s - offset_s, at.at.nanos}, at.offset_minutes};
}

}  // namespace cavra
