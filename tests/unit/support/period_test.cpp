#include <doctest/doctest.h>

#include <limits>

#include "cavra/support/time.hpp"

namespace cavra {
namespace {

constexpr std::int32_t kMaxCount = std::numeric_limits<std::int32_t>::max();

Result<std::string> sum(std::string_view start, const Period& period) {
  CAVRA_TRY(const OffsetTimestamp at, parse_rfc3339(start));
  CAVRA_TRY(const OffsetTimestamp end, add(at, period));
  return format_python(end);
}

TEST_CASE("parse_period takes whole years, months, weeks and days") {
  struct Row {
    std::string_view text;
    Period period;
    std::string_view formatted;
  };
  for (const auto& [text, period, formatted] : {
           Row{"2555d", {0, 0, 2555}, "2555d"},
           Row{"7y", {7, 0, 0}, "7y"},
           Row{"1d", {0, 0, 1}, "1d"},
           Row{"P7Y", {7, 0, 0}, "7y"},
           Row{"P18M", {0, 18, 0}, "P18M"},
           Row{"P1Y6M", {1, 6, 0}, "P1Y6M"},
           Row{"P1Y2M3D", {1, 2, 3}, "P1Y2M3D"},
           Row{"P1Y1D", {1, 0, 1}, "P1Y1D"},
           Row{"P2M1D", {0, 2, 1}, "P2M1D"},
           Row{"P52W", {0, 0, 364}, "364d"},
           Row{"P2555D", {0, 0, 2555}, "2555d"},
           Row{"P1Y0M", {1, 0, 0}, "1y"},
           Row{"P0Y0M1D", {0, 0, 1}, "1d"},
           Row{"007y", {7, 0, 0}, "7y"},
           Row{"2147483647d", {0, 0, kMaxCount}, "2147483647d"},
           Row{"P306783378W", {0, 0, 2'147'483'646}, "2147483646d"},
           // Longer than any date, which add() says.
           Row{"P10000Y", {10'000, 0, 0}, "10000y"},
       }) {
    CAPTURE(text);
    const auto parsed = parse_period(text);
    REQUIRE(parsed);
    CHECK(*parsed == period);
    CHECK(format_period(*parsed) == formatted);
    const auto again = parse_period(format_period(*parsed));
    REQUIRE(again);
    CHECK(*again == period);
  }
}

TEST_CASE("parse_period refuses everything else") {
  using namespace std::string_view_literals;
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "",
           "7",
           "d",
           "y",
           "P",
           "PD",
           "P1",
           "7Y",
           "2555D",
           "7 y",
           " 7y",
           "7y ",
           "7y\n",
           "7y1d",
           "12m",
           "52w",
           "7yy",
           "-7y",
           "+7y",
           "7.5y",
           "0x7y",
           "7y\0"sv,
           // A fraction of a year or day is no calendar length.
           "P0.5Y",
           "P1,5D",
           // Signs: a period only ever adds.
           "-P1D",
           "+P1D",
           "P-1D",
           "P+1D",
           // Out of order, twice, or unknown.
           "P1M1Y",
           "P1D1M",
           "P1D1D",
           "P1Y1YM",
           "P1Y1YD",
           "P1H",
           "P1y",
           "p1Y",
           "P1D;",
           "P1Y ",
           // Weeks stand alone.
           "P2W3D",
           "P1Y2W",
           "P1W1W",
           // Times of day.
           "PT1H",
           "P1DT1H",
           "P1DT",
           "PT",
           "P1YT0S",
           "P1WT1H",
           // Beyond 32 bits.
           "2147483648d",
           "P2147483648Y",
           "P306783379W",
           "99999999999999999999y",
           "P9223372036854775807D",
       }) {
    CAPTURE(text);
    const auto parsed = parse_period(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::usage);
    CHECK(parsed.error().message.find("whole years, months, weeks or days") != std::string::npos);
  }
}

TEST_CASE("parse_period refuses a period of nothing") {
  for (const std::string_view text : {"0d", "0y", "P0D", "P0Y0M0D", "P0W"}) {
    CAPTURE(text);
    const auto parsed = parse_period(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::usage);
    CHECK(parsed.error().message.find("longer than nothing") != std::string::npos);
  }
}

TEST_CASE("format_period has a word for nothing, too") {
  CHECK(format_period({}) == "P0D");
}

TEST_CASE("add is a calendar sum in the time's own offset") {
  struct Row {
    std::string_view start;
    Period period;
    std::string_view end;
  };
  for (const auto& [start, period, end] : {
           // The earlier tool's examples.
           Row{"2026-05-21T12:00:00Z", {0, 0, 2555}, "2033-05-19T12:00:00+00:00"},
           Row{"2024-02-28T23:30:00.5+02:00", {0, 0, 1}, "2024-02-29T23:30:00.500000+02:00"},
           Row{"2026-05-21T12:00:00Z", {7, 0, 0}, "2033-05-21T12:00:00+00:00"},
           // The day is cut to the end of the month, before days are added.
           Row{"2024-02-29T00:00:00Z", {1, 0, 0}, "2025-02-28T00:00:00+00:00"},
           Row{"2024-02-29T00:00:00Z", {4, 0, 0}, "2028-02-29T00:00:00+00:00"},
           Row{"2026-01-31T00:00:00Z", {0, 1, 0}, "2026-02-28T00:00:00+00:00"},
           Row{"2026-01-31T00:00:00Z", {0, 1, 1}, "2026-03-01T00:00:00+00:00"},
           Row{"2026-01-31T00:00:00Z", {0, 13, 0}, "2027-02-28T00:00:00+00:00"},
           Row{"2023-11-30T00:00:00Z", {0, 1, 0}, "2023-12-30T00:00:00+00:00"},
           Row{"2023-12-31T00:00:00Z", {0, 12, 0}, "2024-12-31T00:00:00+00:00"},
           Row{"2024-01-31T00:00:00Z", {1, 1, 1}, "2025-03-01T00:00:00+00:00"},
           // In UTC the first is a 29th of February, and the second is not.
           Row{"2024-03-01T01:00:00+02:00", {1, 0, 0}, "2025-03-01T01:00:00+02:00"},
           Row{"2024-02-29T23:00:00-02:00", {1, 0, 0}, "2025-02-28T23:00:00-02:00"},
           // Before 1970, and to the last day there is.
           Row{"1969-12-31T23:59:59.25Z", {0, 0, 1}, "1970-01-01T23:59:59.250000+00:00"},
           Row{"0001-01-01T00:00:00Z", {9998, 11, 30}, "9999-12-31T00:00:00+00:00"},
           Row{"9999-12-30T23:59:59Z", {0, 0, 1}, "9999-12-31T23:59:59+00:00"},
           Row{"2026-05-21T12:00:00Z", {}, "2026-05-21T12:00:00+00:00"},
       }) {
    CAPTURE(start);
    CAPTURE(end);
    const auto result = sum(start, period);
    REQUIRE(result);
    CHECK(*result == end);
  }
}

TEST_CASE("add refuses to pass the year 9999, or to go back") {
  struct Row {
    std::string_view start;
    Period period;
  };
  for (const auto& [start, period] : {
           Row{"9999-12-31T00:00:00Z", {0, 0, 1}},
           Row{"9999-12-31T00:00:00Z", {0, 1, 0}},
           Row{"9999-01-01T00:00:00Z", {1, 0, 0}},
           Row{"2026-05-21T12:00:00Z", {10'000, 0, 0}},
           Row{"2026-05-21T12:00:00Z", {kMaxCount, kMaxCount, kMaxCount}},
           Row{"2026-05-21T12:00:00Z", {0, kMaxCount, 0}},
           Row{"2026-05-21T12:00:00Z", {0, 0, kMaxCount}},
           // 10000 in the offset, 9999 in UTC; and the other way round.
           Row{"9999-12-31T01:00:00+02:00", {0, 0, 1}},
           Row{"9999-12-30T23:00:00-02:00", {0, 0, 1}},
           Row{"2026-05-21T12:00:00Z", {-1, 0, 0}},
           Row{"2026-05-21T12:00:00Z", {1, -1, 0}},
           Row{"2026-05-21T12:00:00Z", {0, 1, -1}},
       }) {
    CAPTURE(start);
    CAPTURE(format_period(period));
    const auto result = sum(start, period);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::usage);
    CHECK(result.error().message.find(format_period(period)) != std::string::npos);
  }
}

TEST_CASE("add refuses a time that no text can give") {
  constexpr auto kFar = std::numeric_limits<std::int64_t>::max();
  for (const OffsetTimestamp& at :
       {OffsetTimestamp{{kFar, 0}, 60}, OffsetTimestamp{{-kFar, 0}, 0},
        OffsetTimestamp{{kMinUnixSeconds, 0}, -1}, OffsetTimestamp{{0, 0}, 1440},
        OffsetTimestamp{{0, 0}, -1440}, OffsetTimestamp{{0, 0}, kMaxCount}}) {
    CAPTURE(at.at.unix_s);
    CAPTURE(at.offset_minutes);
    const auto result = add(at, {0, 0, 1});
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::usage);
  }
}

}  // namespace
}  // namespace cavra
