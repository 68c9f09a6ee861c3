#include <doctest/doctest.h>

#include "cavra/retention.hpp"
#include "retention/plan_test_data.hpp"

namespace cavra {
namespace {

using testing::contains;

constexpr std::string_view kRecord =
    R"({"candidates":{"configured_minimum":"2033-05-18T03:33:20Z",)"
    R"("signed_policy":"2033-05-18T03:33:21Z"},"legal_hold":true,)"
    R"("retain_until":"2033-05-18T03:33:21Z","source":"signed policy"})";

RetentionDate full_date() {
  RetentionDate date = testing::some_retention();
  date.minimum_unix_s = testing::kRetainUntil - 1;
  date.legal_hold = true;
  return date;
}

TEST_CASE("a retention date is written with its source and the candidates that there are") {
  CHECK(compact_json(full_date().to_json()) == kRecord);
}

TEST_CASE("a retention date reads back from what it writes, whatever gave it") {
  const OffsetTimestamp created_at = testing::time_of("2026-05-21T12:00:00Z");
  for (int sources = 1; sources < 16; ++sources) {
    CAPTURE(sources);
    RetentionRequest request;
    std::optional<RetentionPolicy> policy;
    if ((sources & 1) != 0)
      policy = RetentionPolicy{"c", 1, testing::time_of("2030-01-01T00:00:00Z"), sources > 7};
    if ((sources & 2) != 0) request.period = Period{1, 0, 0};
    if ((sources & 4) != 0) request.retain_until = Timestamp{testing::kRetainUntil, 5};
    if ((sources & 8) != 0) request.minimum = Period{9, 0, 0};
    const auto date = retention_date(created_at, policy, request);
    REQUIRE(date);
    const auto read = RetentionDate::from_json(date->to_json());
    REQUIRE(read);
    CHECK(*read == *date);
  }
}

// kRecord with one piece of it put in another's place.
std::string changed(std::string_view piece, std::string_view other) {
  std::string text(kRecord);
  const std::size_t at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return text.replace(at, piece.size(), other);
}

TEST_CASE("a retention record that does not add up is corrupt, and the place is told") {
  struct Row {
    std::string_view piece;
    std::string_view other;
    std::string_view pointer;
  };
  for (const auto& [piece, other, pointer] : {
           Row{R"("source":"signed policy")", R"("source":"a whim")", "/source: "},
           Row{R"("source":"signed policy")", R"("source":"configured minimum")", "/source: "},
           Row{R"("source":"signed policy")", R"("source":"requested date")", "/source: "},
           Row{R"("source":"signed policy")", R"("source":7)", "/source: "},
           Row{R"("retain_until":"2033-05-18T03:33:21Z")",
               R"("retain_until":"2033-05-18T03:33:20Z")", "/retain_until: "},
           Row{R"("retain_until":"2033-05-18T03:33:21Z")",
               R"("retain_until":"2034-05-18T03:33:21Z")", "/source: "},
           Row{R"("retain_until":"2033-05-18T03:33:21Z")", R"("retain_until":null)",
               "/retain_until: "},
           Row{R"("legal_hold":true)", R"("legal_hold":"yes")", "/legal_hold: "},
           Row{R"("legal_hold":true,)", "", "/legal_hold: "},
           Row{R"("signed_policy":)", R"("signed_polcy":)", "/candidates: unknown"},
           Row{R"("signed_policy":"2033)", R"("signed_policy":"20033)",
               "/candidates/signed_policy: "},
           Row{R"("configured_minimum":"2033-05-18T03:33:20Z")", R"("configured_minimum":null)",
               "/candidates/configured_minimum: "},
           Row{R"("candidates":)", R"("candidate":)", "unknown member \"candidate\""},
           Row{R"("legal_hold":true)", R"("legal_hold":true,"more":1)", "unknown member \"more\""},
       }) {
    const std::string text = changed(piece, other);
    CAPTURE(text);
    const auto json = parse_json(text);
    REQUIRE(json);
    const auto read = RetentionDate::from_json(*json);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::corrupt);
    CAPTURE(read.error().message);
    CHECK(read.error().message.starts_with(pointer));
  }
  for (const JsonValue& value : {JsonValue(), JsonValue("x"), JsonValue::array()})
    CHECK_FALSE(RetentionDate::from_json(value));
}

}  // namespace
}  // namespace cavra
