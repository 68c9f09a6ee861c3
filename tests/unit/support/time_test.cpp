#include "cavra/support/time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <ctime>
#include <limits>

namespace cavra {
namespace {

OffsetTimestamp time_of(std::string_view text) {
  const auto parsed = parse_rfc3339(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

TEST_CASE("parse_rfc3339 takes a date-time with its zone") {
  struct Row {
    std::string_view text;
    std::int64_t unix_s;
    std::int32_t nanos;
    std::int32_t offset_minutes;
  };
  for (const auto& [text, unix_s, nanos, offset_minutes] : {
           Row{"1970-01-01T00:00:00Z", 0, 0, 0},
           Row{"1969-12-31T23:59:59.999999999Z", -1, 999'999'999, 0},
           Row{"2026-05-21T12:00:00Z", 1'779'364'800, 0, 0},
           Row{"2026-05-21T14:00:00+02:00", 1'779'364'800, 0, 120},
           Row{"2026-05-21T00:01:00-11:59", 1'779'364'800, 0, -719},
           Row{"2024-02-29T00:00:00Z", 1'709'164'800, 0, 0},
           Row{"2000-02-29T00:00:00Z", 951'782'400, 0, 0},
           Row{"1985-04-12T23:20:50.52Z", 482'196'050, 520'000'000, 0},
           Row{"2026-01-01T00:00:00.000000001Z", 1'767'225'600, 1, 0},
           // The offset is unknown, the moment is not (RFC 3339, section 4.3).
           Row{"2026-01-01T00:00:00-00:00", 1'767'225'600, 0, 0},
           Row{"2026-01-01T23:59:00+23:59", 1'767'225'600, 0, 1439},
           Row{"2025-12-31T00:01:00-23:59", 1'767'225'600, 0, -1439},
           Row{"0001-01-01T00:00:00Z", kMinUnixSeconds, 0, 0},
           Row{"9999-12-31T23:59:59Z", kMaxUnixSeconds, 0, 0},
           Row{"9999-12-31T23:59:59+01:00", kMaxUnixSeconds - 3600, 0, 60},
       }) {
    CAPTURE(text);
    const auto parsed = parse_rfc3339(text);
    REQUIRE(parsed);
    CHECK(parsed->at == Timestamp{unix_s, nanos});
    CHECK(parsed->offset_minutes == offset_minutes);
  }
}

TEST_CASE("parse_rfc3339 refuses everything else, and says why") {
  struct Row {
    std::string_view text, why;
  };
  using namespace std::string_view_literals;
  for (const auto& [text, why] : {
           Row{"", "does not begin with a date"},
           Row{"2026", "does not begin with a date"},
           Row{"20260521T120000Z", "does not begin with a date"},
           Row{" 2026-05-21T12:00:00Z", "does not begin with a date"},
           Row{"+2026-05-21T12:00:00Z", "does not begin with a date"},
           Row{"12026-05-21T12:00:00Z", "does not begin with a date"},
           Row{"2026-5-21T12:00:00Z", "does not begin with a date"},
           Row{"2026-13-01T12:00:00Z", "no such day"},
           Row{"2026-00-01T12:00:00Z", "no such day"},
           Row{"2026-01-00T12:00:00Z", "no such day"},
           Row{"2026-04-31T12:00:00Z", "no such day"},
           Row{"2023-02-29T12:00:00Z", "no such day"},
           Row{"1900-02-29T12:00:00Z", "no such day"},
           // Left open by the RFC's profiles, closed here: the year 0, small letters, a space.
           Row{"0000-01-01T00:00:00Z", "no such day"},
           Row{"2026-05-21t12:00:00Z", "a capital T"},
           Row{"2026-05-21 12:00:00Z", "a capital T"},
           Row{"2026-05-21T12:00:00z", "must name its zone"},
           Row{"2026-05-21", "a capital T"},
           Row{"2026-05-21T12:00Z", "a capital T"},
           Row{"2026-05-21T12-00-00Z", "a capital T"},
           Row{"2026-05-21T24:00:00Z", "no such time of day"},
           Row{"2026-05-21T12:60:00Z", "no such time of day"},
           Row{"2026-05-21T12:00:61Z", "leap seconds"},
           Row{"2016-12-31T23:59:60Z", "leap seconds"},
           Row{"2026-05-21T12:00:00.Z", "1 to 9 digits"},
           Row{"2026-05-21T12:00:00.1234567890Z", "1 to 9 digits"},
           Row{"2026-05-21T12:00:00,5Z", "must name its zone"},
           Row{"2026-05-21T12:00:00", "must name its zone"},
           Row{"2026-05-21T12:00:00.5", "must name its zone"},
           Row{"2026-05-21T12:00:00+2:00", "must name its zone"},
           Row{"2026-05-21T12:00:00+0200", "must name its zone"},
           Row{"2026-05-21T12:00:00+02", "must name its zone"},
           Row{"2026-05-21T12:00:00+24:00", "must name its zone"},
           Row{"2026-05-21T12:00:00+02:60", "must name its zone"},
           Row{"2026-05-21T12:00:00-", "must name its zone"},
           Row{"2026-05-21T12:00:00UTC", "must name its zone"},
           Row{"2026-05-21T12:00:00\xe2\x88\x92"
               "05:00",
               "must name its zone"},
           Row{"2026-05-21T12:00:00Zjunk", "something follows"},
           Row{"2026-05-21T12:00:00+02:00Z", "something follows"},
           Row{"2026-05-21T12:00:00Z\0"sv, "something follows"},
           Row{"2026-05-21T12:00:00Z\n", "something follows"},
           Row{"0001-01-01T00:00:00+00:01", "years 1 to 9999"},
           Row{"9999-12-31T23:59:59-00:01", "years 1 to 9999"},
       }) {
    CAPTURE(text);
    const auto parsed = parse_rfc3339(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::usage);
    CHECK_MESSAGE(parsed.error().message.find(why) != std::string::npos, parsed.error().message);
  }
}

TEST_CASE("an error about a time shows the text, short and harmless") {
  const auto parsed = parse_rfc3339("\x1b[2J" + std::string(1000, 'x'));
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.starts_with(R"(the time "\u001b[2Jxxx)"));
  CHECK(parsed.error().message.size() < 250);
}

TEST_CASE("format_utc writes UTC, and a fraction only where there is one") {
  struct Row {
    Timestamp at;
    std::string_view text;
  };
  for (const auto& [at, text] : {
           Row{{0, 0}, "1970-01-01T00:00:00Z"},
           Row{{2'000'116'800, 0}, "2033-05-19T12:00:00Z"},
           Row{{-1, 500'000'000}, "1969-12-31T23:59:59.5Z"},
           Row{{0, 1}, "1970-01-01T00:00:00.000000001Z"},
           Row{{0, 123'456'000}, "1970-01-01T00:00:00.123456Z"},
           Row{{kMinUnixSeconds, 0}, "0001-01-01T00:00:00Z"},
           Row{{kMaxUnixSeconds, 999'999'999}, "9999-12-31T23:59:59.999999999Z"},
           Row{{kMaxUnixSeconds + 1, 0}, "@253402300800"},
           Row{{kMinUnixSeconds - 1, 0}, "@-62135596801"},
           Row{{std::numeric_limits<std::int64_t>::max(), 0}, "@9223372036854775807"},
           Row{{std::numeric_limits<std::int64_t>::min(), 0}, "@-9223372036854775808"},
       }) {
    CAPTURE(text);
    CHECK(format_utc(at) == text);
    if (!text.starts_with('@')) CHECK(time_of(text).at == at);
  }
}

TEST_CASE("format_python writes what Python's isoformat writes") {
  struct Row {
    std::string_view text, python;
  };
  for (const auto& [text, python] : {
           Row{"2026-05-21T12:00:00Z", "2026-05-21T12:00:00+00:00"},
           Row{"2026-05-21T12:00:00.5Z", "2026-05-21T12:00:00.500000+00:00"},
           Row{"2026-05-21T12:00:00.000001Z", "2026-05-21T12:00:00.000001+00:00"},
           Row{"2026-05-21T12:00:00.123456999Z", "2026-05-21T12:00:00.123456+00:00"},
           Row{"2026-05-21T12:00:00.000000999Z", "2026-05-21T12:00:00+00:00"},
           Row{"2024-02-29T23:30:00.5+02:00", "2024-02-29T23:30:00.500000+02:00"},
           Row{"2024-02-29T00:30:00-09:30", "2024-02-29T00:30:00-09:30"},
           Row{"1969-12-31T23:59:59.25-00:30", "1969-12-31T23:59:59.250000-00:30"},
           Row{"0001-01-02T00:00:00Z", "0001-01-02T00:00:00+00:00"},
       }) {
    CAPTURE(text);
    CHECK(format_python(time_of(text)) == python);
  }
  CHECK(format_python({{kMaxUnixSeconds, 0}, 60}) == "@253402300799");
  CHECK(format_python({{std::numeric_limits<std::int64_t>::max(), 0}, 60}) ==
        "@9223372036854775807");
}

TEST_CASE("now_utc is the system clock in whole microseconds") {
  const std::time_t before = std::time(nullptr);
  const Timestamp now = now_utc();
  const std::time_t after = std::time(nullptr);
  // time() may lag by a tick of the coarse clock.
  CHECK(now.unix_s >= before);
  CHECK(now.unix_s <= after + 1);
  CHECK(now.nanos % 1000 == 0);
  CHECK(now.nanos >= 0);
  CHECK(now.nanos < 1'000'000'000);
}

TEST_CASE("ceil_to_second goes up, and only where there is a fraction") {
  CHECK(ceil_to_second({100, 0}) == 100);
  CHECK(ceil_to_second({100, 1}) == 101);
  CHECK(ceil_to_second({100, 999'999'999}) == 101);
  CHECK(ceil_to_second({-1, 500'000'000}) == 0);
  CHECK(ceil_to_second({-1, 0}) == -1);
  CHECK(ceil_to_second({kMaxUnixSeconds, 1}) == kMaxUnixSeconds + 1);
}

TEST_CASE("moments compare by their time") {
  CHECK(Timestamp{1, 0} < Timestamp{1, 1});
  CHECK(Timestamp{1, 999'999'999} < Timestamp{2, 0});
  CHECK(Timestamp{-2, 5} < Timestamp{-1, 0});
}

}  // namespace
}  // namespace cavra
