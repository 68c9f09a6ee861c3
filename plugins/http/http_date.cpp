#include "http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "cavra/support/time.hpp"

namespace cavra::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";

// What has other digits than it should is found when the date is written again.
unsigned number_at(std::string_view text, std::size_t at, std::size_t digits) {
  unsigned number = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, number);
  return number;
}

// The time that the digits and the month tell, whatever stands between them.
std::optional<std::int64_t> moment_in(std::string_view text) {
  using namespace std::chrono;
  const auto named = std::ranges::find(kMonths, text.substr(8, 3));
  if (named == kMonths.end()) return std::nullopt;
  const year_month_day date(year(static_cast<int>(number_at(text, 12, 4))),
                            month(static_cast<unsigned>(named - kMonths.begin() + 1)),
                            day(number_at(text, 5, 2)));
  if (!date.ok()) return std::nullopt;
  const auto moment = sys_days(date) + hours(number_at(text, 17, 2)) +
                      minutes(number_at(text, 20, 2)) + seconds(number_at(text, 23, 2));
  return moment.time_since_epoch().count();
}

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - std::min(width, digits.size()), '0');
  out += digits;
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  if (text.size() != kShape.size()) return std::nullopt;
  const auto moment = moment_in(text);
  // One text for one value: no wrong day of the week, no 24:00:00, no leap second.
  if (!moment || format_http_date(*moment) != text) return std::nullopt;
  return moment;
}

std::string format_http_date(std::int64_t unix_s) {
  using namespace std::chrono;
  if (unix_s < kMinUnixSeconds || unix_s > kMaxUnixSeconds) return "@" + std::to_string(unix_s);
  const sys_seconds moment{seconds(unix_s)};
  const auto midnight = floor<days>(moment);
  const year_month_day date(midnight);
  const hh_mm_ss time(moment - midnight);
  std::string out(kDays.at(weekday(midnight).c_encoding()));
  out += ", ";
  append_padded(out, unsigned{date.day()}, 2);
  out += ' ';
  out += kMonths.at(unsigned{date.month()} - 1);
  out += ' ';
  append_padded(out, int{date.year()}, 4);
  out += ' ';
  append_padded(out, time.hours().count(), 2);
  out += ':';
  append_padded(out, time.minutes().count(), 2);
  out += ':';
  append_padded(out, time.seconds().count(), 2);
  return out + " GMT";
}

}  // namespace cavra::http
