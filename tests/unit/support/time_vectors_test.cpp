// Times and periods against public vectors, and what is decided where these leave a choice.
#include <doctest/doctest.h>

#include "cavra/support/time.hpp"
#include "vectors.hpp"

namespace cavra::testing {
namespace {

std::int32_t count_of(const JsonValue& units, std::string_view name) {
  return units.find(name) == nullptr ? 0 : static_cast<std::int32_t>(integer_of(units, name));
}

TEST_CASE("parse_rfc3339 agrees with the RFC 3339 vectors") {
  run_vectors("time/rfc3339.jsonl", [](const JsonValue& row) {
    const auto parsed = parse_rfc3339(text_of(row, "text"));
    // Where both are allowed, it is refused: leap seconds (no count of seconds since 1970 has
    // them), small t and z (records have one spelling), the year 0 and more than nine digits of
    // fraction (a Timestamp cannot hold them, and cutting would change what was signed).
    if (text_of(row, "verdict") != "accept") return outcome(!parsed);
    return outcome(parsed && parsed->at.unix_s == integer_of(row, "unix_seconds") &&
                   parsed->at.nanos == integer_of(row, "nanoseconds") &&
                   parsed->offset_minutes == integer_of(row, "offset_minutes"));
  });
}

TEST_CASE("parse_period agrees with the ISO 8601 duration vectors") {
  run_vectors("time/durations.jsonl", [](const JsonValue& row) {
    const auto parsed = parse_period(text_of(row, "text"));
    // Where both are allowed, it is refused: fractions of a calendar unit, weeks beside other
    // units, signs, and counts beyond 32 bits (never cut, never wrapped).
    if (text_of(row, "verdict") != "accept") return outcome(!parsed);
    // A duration need not be a retention period, which is never nothing and has no times of day:
    // these must be refused here, and count as left out.
    const Period expected{count_of(row, "years"), count_of(row, "months"),
                          count_of(row, "days") + 7 * count_of(row, "weeks")};
    if (text_of(row, "text").find('T') != std::string::npos || expected == Period{})
      return parsed ? VectorOutcome::failed : VectorOutcome::left_out;
    return outcome(parsed && *parsed == expected);
  });
}

TEST_CASE("add agrees with the calendar vectors") {
  run_vectors("time/calendar_add.jsonl", [](const JsonValue& row) {
    const JsonValue* const units = row.find("add");
    REQUIRE(units != nullptr);
    if (units->find("hours") != nullptr) return VectorOutcome::left_out;  // no unit of a Period
    const auto start = parse_rfc3339(text_of(row, "start"));
    REQUIRE(start);
    const auto sum = add(
        *start, {count_of(*units, "years"), count_of(*units, "months"), count_of(*units, "days")});
    if (text_of(row, "result") == "overflow") return outcome(!sum);
    return outcome(sum && format_utc(sum->at) == text_of(row, "result"));
  });
}

}  // namespace
}  // namespace cavra::testing
