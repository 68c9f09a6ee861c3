#include "retention/store_limits.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "retention/plan_test_data.hpp"

namespace cavra {
namespace {

using testing::contains;

// The message of the refusal; empty where the store takes it.
std::string refusal(const BundleSummary& bundle, const StoreDescription& store,
                    const RetentionDate& retention = testing::some_retention()) {
  const auto plan = make_store_plan(bundle, "aws", store, retention);
  if (plan) return "";
  CHECK(plan.error().code == ErrorCode::refused);
  CHECK_FALSE(contains(plan.error().message, "\n"));
  return plan.error().message;
}

TEST_CASE("a store that locks nothing is refused") {
  StoreDescription store = testing::roomy_store();
  store.mode = LockMode::none;
  CHECK(contains(refusal(testing::small_bundle(), store), "mode is none"));
}

TEST_CASE("a date after the last that the store can hold is refused") {
  StoreDescription store = testing::roomy_store();
  store.last_retain_until_unix_s = testing::kRetainUntil;
  CHECK(refusal(testing::small_bundle(), store).empty());
  store.last_retain_until_unix_s = testing::kRetainUntil - 1;
  const std::string message = refusal(testing::small_bundle(), store);
  CHECK(contains(message, "2033-05-18T03:33:20Z"));
  CHECK(contains(message, "2033-05-18T03:33:21Z"));
}

TEST_CASE("a legal hold is refused by a store that has none") {
  StoreDescription store = testing::roomy_store();
  store.has_legal_hold = false;
  RetentionDate retention = testing::some_retention();
  CHECK(refusal(testing::small_bundle(), store, retention).empty());
  retention.legal_hold = true;
  CHECK(contains(refusal(testing::small_bundle(), store, retention), "legal hold"));
}

TEST_CASE("the longest key counts: of a member, the manifest, or a receipt") {
  const StorePlan plan = testing::some_plan();
  BundleSummary bundle = testing::small_bundle();
  StoreDescription store = testing::roomy_store();
  // The receipt's key is the longest of a bundle with short paths.
  const auto receipt_bytes =
      static_cast<std::uint32_t>(plan.receipt_key(testing::kManifestSha256).size());
  store.max_key_bytes = receipt_bytes;
  CHECK(refusal(bundle, store).empty());
  store.max_key_bytes = receipt_bytes - 1;
  CHECK(contains(refusal(bundle, store), "receipts/"));
  bundle.files.push_back(testing::file_of(std::string(900, 'x'), 1));
  store.max_key_bytes = static_cast<std::uint32_t>(plan.member_key(bundle.files[2].path).size());
  CHECK(refusal(bundle, store).empty());
  --store.max_key_bytes;
  CHECK(contains(refusal(bundle, store),
                 "longer than the " + std::to_string(store.max_key_bytes) + " bytes"));
}

TEST_CASE("key lengths are bytes of UTF-8") {
  BundleSummary bundle = testing::small_bundle();
  StoreDescription store = testing::roomy_store();
  bundle.files.push_back(testing::file_of("\xC3\xAB\xC3\xAB\xC3\xAB", 1));
  store.max_key_part_bytes = 80;
  CHECK(refusal(bundle, store).empty());
  bundle.files.back().path = std::string(78, 'x') + "\xC3\xAB";
  CHECK(refusal(bundle, store).empty());
  bundle.files.back().path = std::string(79, 'x') + "\xC3\xAB";
  CHECK(contains(refusal(bundle, store), "part longer than the 80 bytes"));
}

TEST_CASE("a part that ends in a dot is refused by a store that takes none") {
  BundleSummary bundle = testing::small_bundle();
  StoreDescription store = testing::roomy_store();
  bundle.files.push_back(testing::file_of("logs./a.txt", 1));
  CHECK(refusal(bundle, store).empty());
  store.has_no_dot_ends = true;
  const std::string message = refusal(bundle, store);
  CHECK(contains(message, "logs./a.txt"));
  CHECK(contains(message, "ends in a dot"));
  bundle.files.back().path = "logs.d/.a";
  CHECK(refusal(bundle, store).empty());
}

TEST_CASE("a part limit of 0 is none") {
  BundleSummary bundle = testing::small_bundle();
  bundle.files.push_back(testing::file_of(std::string(500, 'x'), 1));
  StoreDescription store = testing::roomy_store();
  CHECK(refusal(bundle, store).empty());
  store.max_key_part_bytes = 255;
  CHECK(contains(refusal(bundle, store), "part longer than the 255 bytes"));
}

TEST_CASE("a session id that is long or empty is refused by the limits of keys") {
  StoreDescription store = testing::roomy_store();
  store.max_key_part_bytes = 255;
  BundleSummary bundle = testing::small_bundle();
  bundle.session_id = std::string(86, '/');  // 258 bytes when it is encoded
  CHECK(contains(refusal(bundle, store), "part longer"));
  bundle.session_id.clear();
  CHECK(contains(refusal(bundle, store), "part that is empty"));
}

TEST_CASE("a prefix of the store with odd parts is refused") {
  for (const char* prefix : {"/evidence", "evidence/", "a//b", "a/../b", "./a", ".."}) {
    CAPTURE(prefix);
    StoreDescription store = testing::roomy_store();
    store.key_prefix = prefix;
    CHECK(contains(refusal(testing::small_bundle(), store), "\".\" or \"..\""));
  }
  for (const char* prefix : {"a/b", ".a", "a..", "..."}) {
    CAPTURE(prefix);
    StoreDescription store = testing::roomy_store();
    store.key_prefix = prefix;
    CHECK(refusal(testing::small_bundle(), store).empty());
  }
}

TEST_CASE("an object larger than the store takes is refused, the manifest too") {
  BundleSummary bundle = testing::small_bundle();
  StoreDescription store = testing::roomy_store();
  store.largest_object_bytes = 300;
  CHECK(refusal(bundle, store).empty());
  store.largest_object_bytes = 299;
  CHECK(contains(refusal(bundle, store), "\"manifest.json\" has 300 bytes"));
  bundle.files[1].bytes = std::uint64_t{5} << 40;
  CHECK(contains(refusal(bundle, store), "\"attachments/log.txt\" has 5497558138880 bytes"));
}

TEST_CASE("all reasons are in one message, and many keys are counted") {
  BundleSummary bundle = testing::small_bundle();
  for (int i = 0; i < 1000; ++i)
    bundle.files.push_back(testing::file_of(std::string(300, 'x') + std::to_string(i), 1));
  StoreDescription store = testing::roomy_store();
  store.mode = LockMode::none;
  store.has_legal_hold = false;
  store.last_retain_until_unix_s = 0;
  store.max_key_part_bytes = 255;
  store.max_key_bytes = 300;
  store.largest_object_bytes = 1;
  RetentionDate retention = testing::some_retention();
  retention.legal_hold = true;
  const std::string message = refusal(bundle, store, retention);
  for (const char* reason : {"store \"aws\"", "mode is none", "1970-01-01T00:00:00Z", "legal hold",
                             "longer than the 300 bytes", "longer than the 255 bytes",
                             "(and 999 more)", "manifest.json"}) {
    CAPTURE(reason);
    CHECK(contains(message, reason));
  }
  CHECK(message.size() < 2000);
}

TEST_CASE("a path that a terminal would obey is escaped in the message") {
  BundleSummary bundle = testing::small_bundle();
  bundle.files.push_back(testing::file_of("\x1b[2Jx" + std::string(300, 'x'), 1));
  StoreDescription store = testing::roomy_store();
  store.max_key_part_bytes = 255;
  CHECK_FALSE(contains(refusal(bundle, store), "\x1b"));
}

}  // namespace
}  // namespace cavra
