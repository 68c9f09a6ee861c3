#include "cavra/plan.hpp"

#include <doctest/doctest.h>

#include <set>

#include "retention/plan_test_data.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::kManifestSha256;

TEST_CASE("session_in_key leaves plain ids and percent-encodes the others") {
  struct Row {
    std::string_view session_id;
    std::string_view text;
  };
  const std::string longest(128, 'x');
  for (const auto& [session_id, text] : {
           Row{"session-17", "session-17"},
           Row{"A_b.c-9", "A_b.c-9"},
           Row{"a..b", "a..b"},
           Row{"cavra-probe", "%63avra-probe"},
           Row{"Cavra-Probe", "%43avra-Probe"},
           Row{"cavra-probe2", "cavra-probe2"},
           Row{longest, longest},
           Row{".", "%2E"},
           Row{"..", "%2E."},
           Row{".hidden", "%2Ehidden"},
           Row{"a/b", "a%2Fb"},
           Row{"../../etc", "%2E.%2F..%2Fetc"},
           Row{"a b", "a%20b"},
           Row{"a%20b", "a%2520b"},
           Row{"%2E", "%252E"},
           Row{"Zoë", "Zo%C3%AB"},
           Row{"\xF0\x9F\x94\x92", "%F0%9F%94%92"},
           Row{"a\nb", "a%0Ab"},
           Row{"a\\b", "a%5Cb"},
           Row{"a~b", "a%7Eb"},
       }) {
    CAPTURE(session_id);
    CHECK(session_in_key(session_id) == text);
  }
}

TEST_CASE("session_in_key gives different texts for different ids") {
  std::set<std::string> texts;
  std::size_t count = 0;
  const auto add = [&](const std::string& id) {
    CAPTURE(id);
    ++count;
    CHECK(texts.insert(session_in_key(id)).second);
  };
  for (int a = 1; a < 256; ++a) {
    add(std::string(1, static_cast<char>(a)));
    for (int b = 1; b < 256; ++b)
      add({static_cast<char>(a), static_cast<char>(b)});
  }
  for (const char* id : {"%2E", "%252E", "%2E.", "%2F", "%25"})
    add(id);
  CHECK(texts.size() == count);
}

TEST_CASE("keys are prefix, session, manifest digest, and the member's path") {
  const StorePlan plan = testing::some_plan();
  const std::string prefix = "evidence/session-17/" + kManifestSha256 + "/";
  CHECK(plan.archive_prefix == prefix);
  CHECK(plan.bundle_prefix == prefix + "bundle/");
  CHECK(plan.receipts_prefix == prefix + "receipts/");
  CHECK(plan.member_key("attachments/log.txt") == prefix + "bundle/attachments/log.txt");
  CHECK(plan.manifest_key() == prefix + "bundle/manifest.json");
  CHECK(plan.receipt_key("0123") == prefix + "receipts/0123.json");
}

TEST_CASE("without a prefix of the store keys begin with the session") {
  StoreDescription store = testing::roomy_store();
  store.key_prefix.clear();
  const auto plan =
      make_store_plan(testing::small_bundle(), "aws", store, testing::some_retention());
  REQUIRE(plan);
  CHECK(plan->archive_prefix == "session-17/" + kManifestSha256 + "/");
}

TEST_CASE("a plan has the store's own mode, the latest date and the policy's hold") {
  for (const LockMode mode : {LockMode::advisory, LockMode::governance, LockMode::compliance}) {
    for (const bool hold : {false, true}) {
      StoreDescription store = testing::roomy_store();
      store.mode = mode;
      RetentionDate retention = testing::some_retention();
      retention.legal_hold = hold;
      const auto plan = make_store_plan(testing::small_bundle(), "aws", store, retention);
      REQUIRE(plan);
      CHECK(plan->lock == Lock{mode, testing::kRetainUntil, hold});
      CHECK(plan->retention == retention);
      CHECK(plan->store == "aws");
      CHECK(plan->plugin_id == "org.example.store");
      CHECK(plan->location == "example:bucket");
    }
  }
}

TEST_CASE("two runs make the same plan, and another manifest makes other keys") {
  const BundleSummary bundle = testing::small_bundle();
  CHECK(store_plan_json(testing::some_plan(), bundle) ==
        store_plan_json(testing::some_plan(), bundle));
  BundleSummary corrected = bundle;
  corrected.manifest_file.sha256 = *Digest::from_hex(std::string(64, 'c'));
  CHECK(testing::some_plan(corrected).archive_prefix != testing::some_plan().archive_prefix);
}

TEST_CASE("check_minimum_mode refuses a store that locks more weakly") {
  StorePlan plan = testing::some_plan();
  static constexpr std::array kModes{LockMode::advisory, LockMode::governance,
                                     LockMode::compliance};
  for (const LockMode have : kModes) {
    for (const LockMode minimum : kModes) {
      CAPTURE(to_string(have));
      CAPTURE(to_string(minimum));
      plan.lock.mode = have;
      const auto checked = check_minimum_mode(plan, minimum);
      CHECK(checked.has_value() == (have >= minimum));
      if (checked) continue;
      CHECK(checked.error().code == ErrorCode::refused);
      CHECK(contains(checked.error().message, "\"aws\""));
      CHECK(contains(checked.error().message, to_string(have)));
      CHECK(contains(checked.error().message, to_string(minimum)));
    }
  }
}

TEST_CASE("check_store_can_hold compares what is left with the store's longest retention") {
  struct Row {
    std::optional<std::int64_t> longest_s;
    std::int64_t now_s;
    bool is_taken;
  };
  const std::int64_t until = testing::kRetainUntil;
  for (const auto& [longest_s, now_s, is_taken] :
       {Row{std::nullopt, 0, true}, Row{100, until - 100, true}, Row{100, until - 99, true},
        Row{100, until - 101, false}, Row{36500 * std::int64_t{86400}, 0, true},
        Row{1, kMinUnixSeconds, false}}) {
    CAPTURE(longest_s.value_or(-1));
    CAPTURE(now_s);
    StoreDescription store = testing::roomy_store();
    store.longest_retention_s = longest_s;
    const auto checked = check_store_can_hold(testing::some_plan(), store, {now_s, 0});
    CHECK(checked.has_value() == is_taken);
    if (checked) continue;
    CHECK(checked.error().code == ErrorCode::refused);
    CHECK(contains(checked.error().message, "\"aws\""));
    CHECK(contains(checked.error().message, "2033-05-18T03:33:21Z"));
  }
}

}  // namespace
}  // namespace cavra
