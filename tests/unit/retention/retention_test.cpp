#include "cavra/retention.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

#include "retention/plan_test_data.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::time_of;

constexpr std::int64_t kSecondsPerDay = 86400;

Period period_of(std::string_view text) {
  const auto period = parse_period(text);
  REQUIRE_MESSAGE(period, text);
  return *period;
}

RetentionPolicy policy_until(std::string_view text, bool legal_hold = false) {
  return {"regulated-sdlc", 1, time_of(text), legal_hold};
}

std::string utc(std::int64_t unix_s) {
  return format_utc({unix_s, 0});
}

std::string after(std::string_view created_at, std::string_view period) {
  RetentionRequest request;
  request.period = period_of(period);
  const auto date = retention_date(time_of(created_at), std::nullopt, request);
  REQUIRE(date);
  return utc(date->retain_until_unix_s);
}

TEST_CASE("a requested period is counted from created_at: days in days, years in the calendar") {
  struct Row {
    std::string_view created_at;
    std::string_view period;
    std::string_view retain_until;
  };
  for (const auto& [created_at, period, retain_until] : {
           // 2555 days are not seven years.
           Row{"2026-11-23T00:00:00Z", "2555d", "2033-11-21T00:00:00Z"},
           Row{"2026-11-23T00:00:00Z", "7y", "2033-11-23T00:00:00Z"},
           Row{"2025-01-01T00:00:00Z", "2555d", "2031-12-31T00:00:00Z"},
           Row{"2025-01-01T00:00:00Z", "7y", "2032-01-01T00:00:00Z"},
           Row{"2025-01-01T00:00:00Z", "2556d", "2032-01-01T00:00:00Z"},
           Row{"2026-05-21T12:00:00+00:00", "2555d", "2033-05-19T12:00:00Z"},
           Row{"2026-05-21T12:00:00+00:00", "P7Y", "2033-05-21T12:00:00Z"},
           Row{"2026-05-21T12:00:00+00:00", "P1Y6M", "2027-11-21T12:00:00Z"},
           Row{"2026-05-21T12:00:00+00:00", "P52W", "2027-05-20T12:00:00Z"},
           // Leap days.
           Row{"2024-02-28T00:00:00Z", "1d", "2024-02-29T00:00:00Z"},
           Row{"2023-02-28T00:00:00Z", "1d", "2023-03-01T00:00:00Z"},
           Row{"2024-02-29T00:00:00Z", "1y", "2025-02-28T00:00:00Z"},
           Row{"2024-02-29T00:00:00Z", "4y", "2028-02-29T00:00:00Z"},
           Row{"2096-02-29T00:00:00Z", "4y", "2100-02-28T00:00:00Z"},
           Row{"2099-03-01T00:00:00Z", "365d", "2100-03-01T00:00:00Z"},
           // In created_at's own offset, and then rounded up to a second of UTC.
           Row{"2024-02-28T23:30:00.5+02:00", "1d", "2024-02-29T21:30:01Z"},
           Row{"2024-02-29T23:30:00-05:00", "1y", "2025-03-01T04:30:00Z"},
           Row{"2024-03-01T00:30:00+05:00", "1y", "2025-02-28T19:30:00Z"},
           Row{"2026-05-21T12:00:00.000000001Z", "7y", "2033-05-21T12:00:01Z"},
           Row{"2026-12-31T23:59:59.999999Z", "1y", "2028-01-01T00:00:00Z"},
           // Far away.
           Row{"2026-01-01T00:00:00Z", "7973y", "9999-01-01T00:00:00Z"},
           Row{"2026-01-01T00:00:00Z", "100000d", "2299-10-17T00:00:00Z"},
       }) {
    CAPTURE(created_at);
    CAPTURE(period);
    CHECK(after(created_at, period) == retain_until);
  }
}

TEST_CASE("a rule in years needs 2192, 2557 or 3653 days so that no start falls short") {
  struct Row {
    std::int32_t years;
    std::int64_t days;
  };
  for (const auto& [years, days] : {Row{6, 2192}, Row{7, 2557}, Row{10, 3653}}) {
    CAPTURE(years);
    RetentionRequest request;
    request.period = Period{years, 0, 0};
    std::int64_t longest = 0;
    OffsetTimestamp start = time_of("2024-01-01T00:00:00Z");
    for (int day = 0; day < 12 * 366; ++day, start.at.unix_s += kSecondsPerDay) {
      const auto date = retention_date(start, std::nullopt, request);
      REQUIRE(date);
      longest = std::max(longest, date->retain_until_unix_s - start.at.unix_s);
    }
    CHECK(longest == days * kSecondsPerDay);
  }
}

TEST_CASE("the latest of all dates wins, and its source is told") {
  const OffsetTimestamp created_at = time_of("2026-05-21T12:00:00Z");
  struct Row {
    std::string_view policy;
    std::string_view period;
    std::string_view date;
    std::string_view minimum;
    std::string_view retain_until;
    std::string_view source;
  };
  for (const auto& [policy, period, date, minimum, retain_until, source] : {
           Row{"2033-05-19T12:00:00Z", "", "", "", "2033-05-19T12:00:00Z", "signed policy"},
           Row{"", "7y", "", "", "2033-05-21T12:00:00Z", "requested period"},
           Row{"", "", "2040-01-01T00:00:00Z", "", "2040-01-01T00:00:00Z", "requested date"},
           Row{"", "", "", "10y", "2036-05-21T12:00:00Z", "configured minimum"},
           Row{"2033-05-19T12:00:00Z", "30d", "2030-01-01T00:00:00Z", "1y", "2033-05-19T12:00:00Z",
               "signed policy"},
           Row{"2033-05-19T12:00:00Z", "7y", "2030-01-01T00:00:00Z", "1y", "2033-05-21T12:00:00Z",
               "requested period"},
           Row{"2033-05-19T12:00:00Z", "7y", "2033-05-21T12:00:00.1Z", "1y", "2033-05-21T12:00:01Z",
               "requested date"},
           Row{"2033-05-19T12:00:00Z", "2555d", "2030-01-01T00:00:00Z", "7y",
               "2033-05-21T12:00:00Z", "configured minimum"},
           // Of equal dates the first.
           Row{"2033-05-21T12:00:00Z", "7y", "2033-05-21T12:00:00Z", "7y", "2033-05-21T12:00:00Z",
               "signed policy"},
           Row{"", "7y", "2033-05-21T12:00:00Z", "7y", "2033-05-21T12:00:00Z", "requested period"},
           Row{"", "", "2033-05-21T12:00:00Z", "7y", "2033-05-21T12:00:00Z", "requested date"},
           // A fraction is rounded up before dates are compared.
           Row{"2033-05-21T11:59:59.1Z", "7y", "", "", "2033-05-21T12:00:00Z", "signed policy"},
       }) {
    CAPTURE(policy);
    CAPTURE(period);
    CAPTURE(date);
    CAPTURE(minimum);
    RetentionRequest request;
    if (!period.empty()) request.period = period_of(period);
    if (!date.empty()) request.retain_until = time_of(date).at;
    if (!minimum.empty()) request.minimum = period_of(minimum);
    std::optional<RetentionPolicy> signed_policy;
    if (!policy.empty()) signed_policy = policy_until(policy);
    const auto result = retention_date(created_at, signed_policy, request);
    REQUIRE(result);
    CHECK(utc(result->retain_until_unix_s) == retain_until);
    CHECK(result->source == source);
    CHECK(result->signed_policy_unix_s.has_value() == !policy.empty());
    CHECK(result->requested_unix_s.has_value() == (!period.empty() || !date.empty()));
    CHECK(result->minimum_unix_s.has_value() == !minimum.empty());
  }
}

TEST_CASE("of a requested period and a requested date the later one is the candidate") {
  RetentionRequest request;
  request.period = period_of("1y");
  request.retain_until = time_of("2040-01-01T00:00:00Z").at;
  const auto late_date = retention_date(time_of("2026-05-21T12:00:00Z"), std::nullopt, request);
  REQUIRE(late_date);
  CHECK(late_date->requested_unix_s == request.retain_until->unix_s);
  request.period = period_of("100y");
  const auto late_period = retention_date(time_of("2026-05-21T12:00:00Z"), std::nullopt, request);
  REQUIRE(late_period);
  CHECK(utc(*late_period->requested_unix_s) == "2126-05-21T12:00:00Z");
}

TEST_CASE("the legal hold is the signed policy's, whoever gives the date") {
  RetentionRequest request;
  request.minimum = period_of("50y");
  for (const bool hold : {false, true}) {
    const auto date = retention_date(time_of("2026-05-21T12:00:00Z"),
                                     policy_until("2033-05-19T12:00:00Z", hold), request);
    REQUIRE(date);
    CHECK(date->source == "configured minimum");
    CHECK(date->legal_hold == hold);
  }
}

TEST_CASE("without any source the retention is refused, and the message says what to give") {
  const auto date = retention_date(time_of("2026-05-21T12:00:00Z"), std::nullopt, {});
  REQUIRE_FALSE(date);
  CHECK(date.error().code == ErrorCode::refused);
  CHECK(contains(date.error().message, "minimum_retention"));
  CHECK(contains(date.error().message, "--retain-until"));
}

TEST_CASE("a date past year 9999 is a usage error that names its source") {
  struct Row {
    std::string_view created_at;
    std::string_view policy;
    std::string_view period;
    std::string_view minimum;
    std::string_view source;
  };
  for (const auto& [created_at, policy, period, minimum, source] : {
           Row{"2026-01-01T00:00:00Z", "", "7974y", "", "requested period"},
           Row{"2026-01-01T00:00:00Z", "", "2147483647y", "", "requested period"},
           Row{"2026-01-01T00:00:00Z", "", "2147483647d", "", "requested period"},
           Row{"2026-01-01T00:00:00Z", "", "1d", "9000y", "configured minimum"},
           Row{"9999-12-31T23:59:59Z", "", "1d", "", "requested period"},
           // Rounding up leaves the year.
           Row{"9999-12-31T00:00:00Z", "9999-12-31T23:59:59.5Z", "", "", "signed policy"},
           Row{"9998-12-31T23:59:59.5Z", "", "1y", "", "requested period"},
       }) {
    CAPTURE(created_at);
    CAPTURE(source);
    RetentionRequest request;
    if (!period.empty()) request.period = period_of(period);
    if (!minimum.empty()) request.minimum = period_of(minimum);
    std::optional<RetentionPolicy> signed_policy;
    if (!policy.empty()) signed_policy = policy_until(policy);
    const auto date = retention_date(time_of(created_at), signed_policy, request);
    REQUIRE_FALSE(date);
    CHECK(date.error().code == ErrorCode::usage);
    CAPTURE(date.error().message);
    CHECK(contains(date.error().message, source));
    CHECK(contains(date.error().message, "9999"));
  }
}

TEST_CASE("the last second that can be written is a date") {
  RetentionRequest request;
  request.retain_until = Timestamp{kMaxUnixSeconds, 0};
  const auto date = retention_date(time_of("2026-01-01T00:00:00Z"), std::nullopt, request);
  REQUIRE(date);
  CHECK(date->retain_until_unix_s == kMaxUnixSeconds);
  request.retain_until = Timestamp{kMaxUnixSeconds, 1};
  CHECK_FALSE(retention_date(time_of("2026-01-01T00:00:00Z"), std::nullopt, request));
}

TEST_CASE("a period that is not longer than nothing is a usage error") {
  for (const Period& period : {Period{}, Period{0, 0, -1}, Period{-1, 0, 400}, Period{1, -1, 0}}) {
    for (const bool is_minimum : {false, true}) {
      RetentionRequest request;
      (is_minimum ? request.minimum : request.period) = period;
      const auto date = retention_date(time_of("2026-01-01T00:00:00Z"), std::nullopt, request);
      REQUIRE_FALSE(date);
      CHECK(date.error().code == ErrorCode::usage);
      CHECK(contains(date.error().message, is_minimum ? "configured minimum" : "requested period"));
    }
  }
}

TEST_CASE("check_not_past refuses a date that is not after now") {
  struct Row {
    Timestamp now;
    bool is_taken;
  };
  const std::int64_t until = testing::kRetainUntil;
  for (const auto& [now, is_taken] :
       {Row{{until - 1, 0}, true}, Row{{until - 1, 999'999'999}, true}, Row{{until, 0}, false},
        Row{{until, 1}, false}, Row{{until + 1, 0}, false}}) {
    CAPTURE(now.unix_s);
    CAPTURE(now.nanos);
    const auto checked = check_not_past(testing::some_retention(), now);
    CHECK(checked.has_value() == is_taken);
    if (is_taken || checked) continue;
    CHECK(checked.error().code == ErrorCode::refused);
    CHECK(contains(checked.error().message, "2033-05-18T03:33:21Z (signed policy)"));
  }
}

}  // namespace
}  // namespace cavra
