// Points in time and periods: what is read is written as the same.
#include "cavra/support/time.hpp"

#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

void check_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) return require_fine(time.error());
  require(time->at.nanos >= 0 && time->at.nanos < 1'000'000'000, "nanoseconds of one second");
  require(time->at.unix_s >= kMinUnixSeconds && time->at.unix_s <= kMaxUnixSeconds,
          "a moment of the years 1 to 9999");
  const auto utc = parse_rfc3339(format_utc(time->at));
  require(utc && utc->at == time->at && utc->offset_minutes == 0, "format_utc() is read back");
  const auto python = parse_rfc3339(format_python(*time));
  require(python && python->at.unix_s == time->at.unix_s &&
              python->offset_minutes == time->offset_minutes,
          "format_python() is read back");
  require(ceil_to_second(time->at) - time->at.unix_s == (time->at.nanos > 0 ? 1 : 0),
          "ceil_to_second() goes to the next second");
}

void check_period(std::string_view text, const OffsetTimestamp& from) {
  const auto period = parse_period(text);
  if (!period) return require_fine(period.error());
  const auto again = parse_period(format_period(*period));
  require(again && *again == *period, "format_period() is read back");
  const auto later = add(from, *period);
  if (!later) return require_fine(later.error());
  require(later->at > from.at && later->offset_minutes == from.offset_minutes,
          "a period leads on, in the same offset");
}

}  // namespace

void fuzz_times(std::string_view bytes) {
  check_time(bytes);
  check_period(bytes, {{1779364800, 500}, 120});
  // "<time> <period>"
  const std::size_t space = bytes.find(' ');
  if (space == bytes.npos) return;
  check_time(bytes.substr(0, space));
  const auto from = parse_rfc3339(bytes.substr(0, space));
  if (from) check_period(bytes.substr(space + 1), *from);
}

}  // namespace cavra::fuzz
