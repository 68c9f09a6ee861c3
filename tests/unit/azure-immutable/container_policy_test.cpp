#include "azure-immutable/container_policy.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cavra::azure {
namespace {

constexpr std::int64_t kCreated = 1'800'000'000;

std::string document(const std::string& properties) {
  return R"({"id": "/subscriptions/s", "etag": "\"8da4aa06067ddc5\"", "properties": {)" +
         properties + "}}";
}
std::string policy(const std::string& days, const std::string& state) {
  return document(R"("immutabilityPeriodSinceCreationInDays": )" + days + R"(, "state": )" + state);
}

TEST_CASE("a policy, as the management tells it") {
  const auto found = parse_container_policy(document(
      R"("immutabilityPeriodSinceCreationInDays": 2555, "state": "Locked",
         "allowProtectedAppendWrites": true, "other": [1])"));
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->days == 2555);
  CHECK(found->is_locked);
  CHECK(found->allows_appends);
  CHECK_FALSE(found->allows_all_appends);
  CHECK(found->etag == "\"8da4aa06067ddc5\"");
  CHECK(found->text() == "locked, 2555 days");
  CHECK(found->seconds() == std::int64_t{2555} * 86400);
  const auto all = parse_container_policy(
      document(R"("immutabilityPeriodSinceCreationInDays": 1, "state": "unlocked",
                  "allowProtectedAppendWritesAll": true)"));
  REQUIRE(all);
  CHECK(all->text() == "unlocked, 1 day");
  CHECK(all->allows_all_appends);
}

TEST_CASE("no days are no policy, whatever its state") {
  for (const std::string& json :
       {policy("0", R"("Unlocked")"), policy("0", R"("Locked")"), document(""),
        document(R"("immutabilityPeriodSinceCreationInDays": null)")}) {
    CAPTURE(json);
    const auto found = parse_container_policy(json);
    REQUIRE(found);
    CHECK(found->days == 0);
    CHECK(found->text() == "none");
    const auto lock = lock_by(*found, {.created_at_unix_s = kCreated, .is_block_blob = true});
    REQUIRE(lock);
    CHECK(*lock == sdk::Lock{});
  }
}

TEST_CASE("what nobody can read is no policy") {
  struct Row {
    std::string json;
    ErrorCode code;
  };
  const std::string days = "\"immutabilityPeriodSinceCreationInDays\": 9, ";
  const Row rows[]{
      {"", ErrorCode::io},
      {"[]", ErrorCode::io},
      {"{}", ErrorCode::io},
      {"<html></html>", ErrorCode::io},
      {R"({"properties": []})", ErrorCode::io},
      {R"({"properties": {}, "properties": {}})", ErrorCode::io},
      {std::string(100'000, '['), ErrorCode::io},
      {policy("9", R"("Locked")") + "x", ErrorCode::io},
      {policy("9", R"("Locked", "state": "Unlocked")"), ErrorCode::io},
      {policy("9", R"("Locked", "immutabilityPeriodSinceCreationInDays": 100)"), ErrorCode::io},
      {policy("9", "\"Lock\xff\""), ErrorCode::io},
      {policy("9", "true"), ErrorCode::io},
      {policy("9", R"("Locked", "allowProtectedAppendWritesAll": "true")"), ErrorCode::io},
      {policy("9", R"("")"), ErrorCode::unproven},
      {policy("9", R"("Locked\u0000")"), ErrorCode::unproven},
      {policy("9", R"("Disabled")"), ErrorCode::unproven},
      {policy("\"9\"", R"("Locked")"), ErrorCode::unproven},
      {policy("9.0", R"("Locked")"), ErrorCode::unproven},
      {policy("-1", R"("Locked")"), ErrorCode::unproven},
      {policy("146001", R"("Locked")"), ErrorCode::unproven},
      {policy("9223372036854775808", R"("Locked")"), ErrorCode::unproven},
      {document(days), ErrorCode::io},
      {document(R"("immutabilityPeriodSinceCreationInDays": 9)"), ErrorCode::unproven},
  };
  for (const auto& [json, code] : rows) {
    CAPTURE(json.substr(0, 200));
    const auto found = parse_container_policy(json);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == code);
  }
}

TEST_CASE("an etag that would be more than that in a command is left out") {
  const auto found = parse_container_policy(
      R"({"etag": "'; rm -rf /", "properties":
          {"immutabilityPeriodSinceCreationInDays": 9, "state": "Locked"}})");
  REQUIRE(found);
  CHECK(found->etag.empty());
}

TEST_CASE("the lock of a blob: its creation and the days") {
  const BlobAge blob{.created_at_unix_s = kCreated, .is_block_blob = true};
  const ContainerPolicy locked{.days = 10, .is_locked = true};
  const auto lock = lock_by(locked, blob);
  REQUIRE(lock);
  CHECK(lock->mode == sdk::LockMode::compliance);
  CHECK(lock->retain_until_unix_s == kCreated + 864000);
  CHECK_FALSE(lock->legal_hold);
  const auto unlocked = lock_by({.days = 10}, blob);
  REQUIRE(unlocked);
  CHECK(unlocked->mode == sdk::LockMode::governance);
  // Append blobs may grow, others not.
  REQUIRE(lock_by({.days = 10, .is_locked = true, .allows_appends = true}, blob));
  CHECK(lock_by({.days = 10, .is_locked = true, .allows_appends = true}, blob)->mode ==
        sdk::LockMode::compliance);
  const sdk::Lock none;
  CHECK(*lock_by({.days = 10, .is_locked = true, .allows_all_appends = true}, blob) == none);
  CHECK(*lock_by(locked, {.created_at_unix_s = kCreated, .is_block_blob = false}) == none);
}

TEST_CASE(
    "a blob that does not say when it was created is not proven; no date is beyond the last") {
  const ContainerPolicy locked{.days = 146000, .is_locked = true};
  const auto unknown = lock_by(locked, {.created_at_unix_s = {}, .is_block_blob = true});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == ErrorCode::unproven);
  const auto last = lock_by(locked, {.created_at_unix_s = 253402300000, .is_block_blob = true});
  REQUIRE(last);
  CHECK(last->retain_until_unix_s == 253402300799);
}

TEST_CASE("days_between rounds up") {
  CHECK(days_between(0, 0) == 0);
  CHECK(days_between(10, 5) == 0);
  CHECK(days_between(0, 1) == 1);
  CHECK(days_between(0, 86400) == 1);
  CHECK(days_between(0, 86401) == 2);
}

}  // namespace
}  // namespace cavra::azure
