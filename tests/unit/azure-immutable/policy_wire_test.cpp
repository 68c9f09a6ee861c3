#include "azure-immutable/policy_wire.hpp"

#include <doctest/doctest.h>

namespace cavra::azure {
namespace {

constexpr const char* kDate = "Wed, 11 Aug 2032 19:47:27 GMT";
constexpr std::int64_t kSeconds = 1975866447;

TEST_CASE("a policy as headers") {
  const sdk::Lock lock{
      .mode = sdk::LockMode::compliance, .retain_until_unix_s = kSeconds, .legal_hold = true};
  const http::Headers locked = policy_headers(lock, PolicyMode::locked);
  CHECK(locked.get(kUntilHeader) == kDate);
  CHECK(locked.get(kModeHeader) == "locked");
  CHECK(locked.all().size() == 2);
  CHECK(policy_headers(lock, PolicyMode::unlocked).get(kModeHeader) == "unlocked");
  CHECK(policy_headers({}, PolicyMode::locked).all().empty());
}

TEST_CASE("what is shown of a lock") {
  const auto locked = parse_policy(kDate, "Locked", "TRUE");
  REQUIRE(locked);
  CHECK(locked->mode == sdk::LockMode::compliance);
  CHECK(locked->retain_until_unix_s == kSeconds);
  CHECK(locked->legal_hold);
  const auto unlocked = parse_policy(kDate, "unlocked", "false");
  REQUIRE(unlocked);
  CHECK(unlocked->mode == sdk::LockMode::governance);
  CHECK_FALSE(unlocked->legal_hold);
  const auto none = parse_policy("", "", "");
  REQUIRE(none);
  CHECK(none->mode == sdk::LockMode::none);
  CHECK_FALSE(none->retain_until_unix_s);
}

TEST_CASE("a lock that nobody can read is unproven") {
  struct Row {
    const char* until;
    const char* mode;
    const char* hold;
  };
  for (const auto& [until, mode, hold] :
       {Row{kDate, "", ""}, Row{"", "locked", ""}, Row{"2032-08-11T19:47:27Z", "locked", ""},
        Row{kDate, "mutable", ""}, Row{kDate, "locked", "yes"}, Row{"", "", "1"}}) {
    CAPTURE(until);
    CAPTURE(mode);
    const auto lock = parse_policy(until, mode, hold);
    REQUIRE_FALSE(lock);
    CHECK(lock.error().code == ErrorCode::unproven);
  }
}

}  // namespace
}  // namespace cavra::azure
