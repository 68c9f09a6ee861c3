#include <doctest/doctest.h>

#include <array>

#include "cavra/trust_roots.hpp"
#include "trust/trust_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::must;
using testing::test_key;
using testing::test_root;
using testing::time_of;

JsonValue bundle_json(const std::vector<TrustRoot>& roots) {
  JsonValue list = JsonValue::array();
  for (const TrustRoot& root : roots)
    list.push_back(root.to_json());
  return JsonValue::object({{"schema_version", "cavra.evidence.trust-root-bundle.v1"},
                            {"product", "CAVRA"},
                            {"created_at", "2026-05-21T12:00:00+00:00"},
                            {"trust_roots", std::move(list)}});
}

FileTrustRoots roots_of(const std::vector<TrustRoot>& roots) {
  return must(FileTrustRoots::parse(compact_json(bundle_json(roots)), "roots.json"));
}

std::string fingerprint_of(std::string_view name) {
  return test_key(name).public_key().fingerprint();
}

TrustRoot revoked(TrustRoot root) {
  root.status = KeyStatus::revoked;
  return root;
}

TrustRoot for_receipts(TrustRoot root) {
  root.purpose = KeyPurpose::receipt;
  return root;
}

TrustRoot renamed(TrustRoot root, std::string_view key_id) {
  root.key_id = key_id;
  return root;
}

TEST_CASE("a file holds one root or a bundle of them") {
  const auto one = must(FileTrustRoots::parse(compact_json(test_root("a").to_json()), "root.json"));
  CHECK(one.all().size() == 1);
  CHECK(one.name() == "root.json");
  const testing::TemporaryFolder folder;
  const auto two = must(FileTrustRoots::load(
      folder.write("roots.json", pretty_json(bundle_json({test_root("a"), test_root("b")})))));
  CHECK(two.all().size() == 2);
  CHECK(two.name() == folder.file("roots.json"));
}

TEST_CASE("load tells a file that is not there, or too large, from one that is wrong") {
  const testing::TemporaryFolder folder;
  CHECK(FileTrustRoots::load(folder.file("none")).error().code == ErrorCode::usage);
  const auto large =
      FileTrustRoots::load(folder.write("large", std::string(kMaxTrustRootFileBytes + 1, ' ')));
  CHECK(large.error().code == ErrorCode::usage);
  CHECK(FileTrustRoots::load(folder.write("other", "{}")).error().code == ErrorCode::usage);
  CHECK(FileTrustRoots::load(folder.write("wrong", pretty_json(bundle_json({})))).error().code ==
        ErrorCode::corrupt);
}

TEST_CASE("a file that is no sound set of trust roots is refused whole") {
  const JsonValue good = bundle_json({test_root("a")});
  const auto with = [&](std::string_view member, JsonValue value) {
    JsonValue changed = good;
    changed.set(std::string(member), std::move(value));
    return compact_json(changed);
  };
  JsonValue broken_second = bundle_json({test_root("a"), test_root("b")});
  for (JsonMember& member : *broken_second.if_object())
    if (member.name == "trust_roots") member.value.if_array()->at(1).set("status", "lost");
  struct Row {
    std::string text;
    std::string_view says;
    ErrorCode code = ErrorCode::corrupt;
  };
  const std::array rows{
      // Another kind of file.
      Row{"", "is no trust-root file", ErrorCode::usage},
      Row{"[]", "must be", ErrorCode::usage},
      Row{"{\"a\":1,\"a\":2}", "is no trust-root file", ErrorCode::usage},
      Row{test_key("a").public_key().pem(), "is a PEM file", ErrorCode::usage},
      Row{with("schema_version", "cavra.evidence.trust-root-bundle.v2"), "#/schema_version",
          ErrorCode::usage},
      Row{with("schema_version", nullptr), "#/schema_version", ErrorCode::usage},
      // Trust roots that do not hold.
      Row{with("product", "OTHER"), "#/product"},
      Row{with("product", 1), "#/product"},
      Row{with("created_at", nullptr), "#/created_at"},
      Row{with("created_at", "2026-05-21"), "#/created_at"},
      Row{with("trust_roots", JsonValue::array()), "#/trust_roots: is empty"},
      Row{with("trust_roots", JsonValue::object()), "#/trust_roots: must be an array"},
      Row{compact_json(broken_second), "#/trust_roots/1/status"},
      Row{compact_json(bundle_json({test_root("a"), renamed(test_root("b"), "a")})),
          "more than one root with the key id a;"},
      Row{compact_json(bundle_json({test_root("a"), test_root("a")})), "more than one root"},
      Row{compact_json(bundle_json({test_root("a"), for_receipts(renamed(test_root("a"), "b"))})),
          "for evidence and for receipts"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto roots = FileTrustRoots::parse(row.text, "roots.json");
    REQUIRE_FALSE(roots);
    CAPTURE(roots.error().message);
    CHECK(roots.error().code == row.code);
    CHECK(roots.error().message.starts_with("roots.json"));
    CHECK(contains(roots.error().message, row.says));
  }
}

TEST_CASE("find wants purpose and key id, fingerprint or both, and says what there is instead") {
  const FileTrustRoots roots =
      roots_of({test_root("a"), test_root("b"), for_receipts(test_root("r"))});
  struct Row {
    std::string_view key_id;
    std::string_view key;  // empty: looked up without a fingerprint
    KeyPurpose purpose;
    std::string_view found;  // key id; empty: not found
    std::string_view says;
  };
  static constexpr std::array rows{
      Row{"a", "a", KeyPurpose::evidence, "a", ""},
      Row{"b", "b", KeyPurpose::evidence, "b", ""},
      Row{"", "b", KeyPurpose::evidence, "b", ""},
      Row{"r", "r", KeyPurpose::receipt, "r", ""},
      Row{"", "r", KeyPurpose::receipt, "r", ""},
      Row{"b", "", KeyPurpose::evidence, "b", ""},
      Row{"x", "", KeyPurpose::evidence, "", "no root with the key id \"x\"; it has: a, b, r"},
      Row{"r", "", KeyPurpose::evidence, "", "\"r\" for purpose receipt only"},
      Row{"", "", KeyPurpose::evidence, "", "it has: a, b, r"},
      Row{"a", "b", KeyPurpose::evidence, "", "this key under the key id \"b\", not \"a\""},
      Row{"x", "a", KeyPurpose::evidence, "", "this key under the key id \"a\", not \"x\""},
      Row{"a", "x", KeyPurpose::evidence, "", "another key under the key id \"a\""},
      Row{"x", "x", KeyPurpose::evidence, "", "it has: a, b, r"},
      Row{"", "x", KeyPurpose::evidence, "", "it has: a, b, r"},
      Row{"r", "r", KeyPurpose::evidence, "", "\"r\" for purpose receipt only"},
      Row{"", "r", KeyPurpose::evidence, "", "\"r\" for purpose receipt only"},
      Row{"a", "a", KeyPurpose::receipt, "", "\"a\" for purpose evidence only"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.key_id);
    CAPTURE(row.key);
    const std::string fingerprint = row.key.empty() ? "" : fingerprint_of(row.key);
    const auto root = roots.find(row.key_id, fingerprint, row.purpose);
    REQUIRE(static_cast<bool>(root) == !row.found.empty());
    if (root) {
      CHECK(root->key_id == row.found);
      continue;
    }
    CAPTURE(root.error().message);
    CHECK(root.error().code == ErrorCode::not_found);
    CHECK(contains(root.error().message, row.says));
  }
}

TEST_CASE("find compares fingerprints whole: a part and capitals fit nothing") {
  const FileTrustRoots roots = roots_of({test_root("a")});
  std::string capitals = fingerprint_of("a");
  std::ranges::transform(capitals, capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
  });
  for (const std::string& fingerprint : {fingerprint_of("a").substr(0, 16), capitals}) {
    CAPTURE(fingerprint);
    CHECK_FALSE(roots.find("a", fingerprint, KeyPurpose::evidence));
    CHECK_FALSE(roots.find("", fingerprint, KeyPurpose::evidence));
  }
}

TEST_CASE("a revoked root of the same key or id wins, wherever it stands") {
  const std::string a = fingerprint_of("a");
  const TrustRoot revoked_key = revoked(renamed(test_root("a"), "z"));
  const TrustRoot revoked_receipt = for_receipts(revoked_key);
  for (const auto& roots : {
           std::vector{test_root("a"), revoked_key},
           std::vector{revoked_key, test_root("a")},
           std::vector{test_root("a"), revoked_receipt},
           std::vector{test_root("b"), revoked_key},
       }) {
    for (const char* key_id : {"a", "z", ""}) {
      CAPTURE(key_id);
      const TrustRoot found = must(roots_of(roots).find(key_id, a, KeyPurpose::evidence));
      CHECK((found.status == KeyStatus::revoked));
    }
  }
  // Looked up by the id of the root that is not revoked, without a fingerprint.
  const TrustRoot by_id =
      must(roots_of({test_root("a"), revoked_key}).find("a", "", KeyPurpose::evidence));
  CHECK((by_id.status == KeyStatus::revoked));
  // The id of a revoked root with another key.
  const TrustRoot found = must(
      roots_of({revoked(test_root("a"))}).find("a", fingerprint_of("b"), KeyPurpose::evidence));
  CHECK((found.status == KeyStatus::revoked));
  // A revoked root of another key and id changes nothing.
  CHECK(
      (must(roots_of({test_root("a"), revoked(test_root("b"))}).find("a", a, KeyPurpose::evidence))
           .status == KeyStatus::active));
}

TEST_CASE("make_trust_root_bundle sorts by key id, and what it makes can be read") {
  const std::vector roots{test_root("b"), test_root("a"), test_root("B")};
  const JsonValue json = must(make_trust_root_bundle(roots, time_of("2026-05-21T12:00:00Z")));
  const auto again = must(FileTrustRoots::parse(pretty_json(json), "x"));
  REQUIRE(again.all().size() == 3);
  CHECK(again.all()[0].key_id == "B");
  CHECK(again.all()[1].key_id == "a");
  CHECK(again.all()[2].key_id == "b");
}

TEST_CASE("make_trust_root_bundle refuses what it would not read") {
  TrustRoot endless = test_root("a");
  endless.status = KeyStatus::retired;
  struct Row {
    std::vector<TrustRoot> roots;
    std::string_view says;
  };
  const std::array rows{
      Row{{}, "at least one trust root is required"},
      Row{{test_root("b"), test_root("a"), test_root("b"), test_root("a"), test_root("c")},
          "duplicate trust-root key IDs: a, b;"},
      Row{{renamed(test_root("a"), "")}, "key_id is empty"},
      Row{{endless}, "a retired key needs an end"},
      Row{{test_root("a"), for_receipts(renamed(test_root("a"), "b"))},
          "for evidence and for receipts"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says);
    const auto bundle = make_trust_root_bundle(row.roots, time_of("2026-05-21T12:00:00Z"));
    REQUIRE_FALSE(bundle);
    CAPTURE(bundle.error().message);
    CHECK(bundle.error().code == ErrorCode::usage);
    CHECK(contains(bundle.error().message, row.says));
  }
}

TEST_CASE("the example in the format's page is a trust root") {
  const auto page = must(read_small_file(CAVRA_SOURCE_DIR "/docs/spec/trust-root-v1.md", 1 << 20));
  const std::size_t begin = page.find("```json\n") + 8;
  const std::string example = page.substr(begin, page.find("```", begin) - begin);
  const auto roots = must(FileTrustRoots::parse(example, "example"));
  REQUIRE(roots.all().size() == 1);
  CHECK(roots.all()[0].key_id == "prod-evidence");
}

TEST_CASE("v1's bundle of two roots is written again byte for byte") {
  const auto text = testing::shared_file("fixtures/v1/exports/trust-bundle.json");
  if (!text) return;
  const auto roots = must(FileTrustRoots::parse(*text, "trust-bundle.json"));
  const JsonValue json =
      must(make_trust_root_bundle(roots.all(), time_of("2026-05-21T12:00:00.123456+00:00")));
  CHECK(pretty_json(json) + "\n" == *text);
}

TEST_CASE("v1's trust-root files are taken, but for two that v1 should not have taken") {
  struct Row {
    std::string_view file;
    std::size_t roots;
    std::string_view says;  // where refused
  };
  static constexpr std::array rows{
      Row{"root-a.json", 1, ""},
      Row{"root-a-expired.json", 1, ""},
      Row{"root-a-future.json", 1, ""},
      Row{"root-a-plain.json", 1, ""},
      Row{"root-a-revoked.json", 1, ""},
      Row{"root-a-window.json", 1, ""},
      Row{"root-b.json", 1, ""},
      Row{"root-c.json", 1, ""},
      Row{"roots-a-b.json", 2, ""},
      Row{"roots-b.json", 1, ""},
      Row{"root-a-retired.json", 0, "a retired key needs an end"},
      Row{"root-a-other-pem.json", 0, "one of them was changed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto text = testing::shared_file("fixtures/v1/trust/" + std::string(row.file));
    if (!text) return;
    const auto roots = FileTrustRoots::parse(*text, row.file);
    REQUIRE(static_cast<bool>(roots) == row.says.empty());
    if (roots)
      CHECK(roots->all().size() == row.roots);
    else
      CHECK(contains(roots.error().message, row.says));
  }
}

}  // namespace
}  // namespace cavra
