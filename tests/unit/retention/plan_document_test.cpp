#include <doctest/doctest.h>

#include <functional>

#include "cavra/plan.hpp"
#include "retention/plan_test_data.hpp"

namespace cavra {
namespace {

using testing::contains;

// A plan document of the small bundle for one store.
JsonValue kept_plan(const BundleSummary& bundle = testing::small_bundle()) {
  JsonValue files = JsonValue::array();
  for (const auto& file : bundle.files)
    files.push_back(JsonValue::object({{"azure_blob", "https://…"},
                                       {"bytes", file.bytes},
                                       {"path", file.path},
                                       {"s3_uri", "s3://…"},
                                       {"sha256", file.sha256.hex()}}));
  const JsonValue store = store_plan_json(testing::some_plan(bundle), bundle);
  return JsonValue::object({{"schema_version", "cavra.immutable-storage-plan.v1"},
                            {"bundle", plan_bundle_json(bundle)},
                            {"files", std::move(files)},
                            {"stores", JsonValue::object({{"aws", store}})}});
}

Result<void> check(const JsonValue& document,
                   const BundleSummary& bundle = testing::small_bundle()) {
  return check_plan_document(document, testing::some_plan(bundle), bundle);
}

// The value at a path of names and numbers; it must be there.
JsonValue& at(JsonValue& value, std::initializer_list<std::string> path) {
  JsonValue* place = &value;
  for (const std::string& token : path) {
    if (auto* elements = place->if_array()) {
      place = &elements->at(std::stoul(token));
      continue;
    }
    JsonValue* next = nullptr;
    for (JsonMember& member : *place->if_object()) {
      if (member.name == token) next = &member.value;
    }
    REQUIRE_MESSAGE(next != nullptr, token);
    place = next;
  }
  return *place;
}

TEST_CASE("a store's part of the plan has all keys, the manifest last, and the lock") {
  const BundleSummary bundle = testing::small_bundle();
  const std::string prefix = "evidence/session-17/" + testing::kManifestSha256 + "/";
  CHECK(compact_json(store_plan_json(testing::some_plan(), bundle)) ==
        R"({"archive_prefix":")" + prefix + R"(","keys":[")" + prefix +
            R"(bundle/evidence.json",")" + prefix + R"(bundle/attachments/log.txt",")" + prefix +
            R"(bundle/manifest.json"],"location":"example:bucket",)"
            R"("lock":{"legal_hold":false,"mode":"compliance",)"
            R"("retain_until":"2033-05-18T03:33:21Z"},"plugin":"org.example.store",)"
            R"("retention":{"candidates":{"signed_policy":"2033-05-18T03:33:21Z"},)"
            R"("legal_hold":false,"retain_until":"2033-05-18T03:33:21Z",)"
            R"("source":"signed policy"}})");
}

TEST_CASE("the bundle's part of the plan copies the manifest") {
  CHECK(compact_json(plan_bundle_json(testing::small_bundle())) ==
        R"({"created_at":"2026-05-21T12:00:00+00:00","manifest_signature":)"
        R"({"algorithm":"Ed25519","key_id":"k1","value":"c2ln"},"signer":"Zoë"})");
}

TEST_CASE("a kept plan fits the run that it was made for, also after being written and read") {
  CHECK(check(kept_plan()));
  const auto read = parse_json(pretty_json(kept_plan()));
  REQUIRE(read);
  CHECK(check(*read));
}

TEST_CASE("what is not compared may differ: v1's addresses, and another store") {
  JsonValue document = kept_plan();
  at(document, {"files", "0"}).set("s3_uri", "s3://elsewhere");
  document.set("retention", JsonValue::object({{"retention_days", 1}}));
  at(document, {"stores"}).set("other", JsonValue::object());
  CHECK(check(document));
}

TEST_CASE("each difference is refused with its place and both values") {
  struct Row {
    const char* what;
    std::function<void(JsonValue&)> change;
    std::string_view pointer;
    std::string_view values;
  };
  const std::vector<Row> rows{
      {"bundle", [](JsonValue& d) { at(d, {"bundle", "signer"}) = "Eve"; }, "#/bundle/signer ",
       R"(it has "Eve", and this run computes "Zoë")"},
      {"signature",
       [](JsonValue& d) { at(d, {"bundle", "manifest_signature", "value"}) = "b3RoZXI="; },
       "#/bundle/manifest_signature/value ", R"("b3RoZXI=", and this run computes "c2ln")"},
      {"no bundle", [](JsonValue& d) { at(d, {"bundle"}) = nullptr; }, "#/bundle ", "has null"},
      {"more in bundle", [](JsonValue& d) { at(d, {"bundle"}).set("x", 1); }, "#/bundle/x ",
       "it has 1, and this run computes nothing"},
      {"path", [](JsonValue& d) { at(d, {"files", "1", "path"}) = "a/b~c"; }, "#/files/1/path ",
       R"("a/b~c")"},
      {"digest", [](JsonValue& d) { at(d, {"files", "0", "sha256"}) = std::string(64, '0'); },
       "#/files/0/sha256 ", "0000"},
      {"size", [](JsonValue& d) { at(d, {"files", "0", "bytes"}) = 11; }, "#/files/0/bytes ",
       "it has 11, and this run computes 10"},
      {"size of another type", [](JsonValue& d) { at(d, {"files", "0", "bytes"}) = 10.0; },
       "#/files/0/bytes ", "10.0"},
      {"no object", [](JsonValue& d) { at(d, {"files", "0"}) = "x"; }, "#/files/0/path ",
       "nothing"},
      {"less files", [](JsonValue& d) { at(d, {"files"}).if_array()->pop_back(); }, "#/files/1 ",
       "it has nothing"},
      {"more files", [](JsonValue& d) { at(d, {"files"}).push_back(at(d, {"files", "0"})); },
       "#/files/2 ", "this run computes nothing"},
      {"order of files",
       [](JsonValue& d) { std::swap(at(d, {"files", "0"}), at(d, {"files", "1"})); },
       "#/files/0/path ", "attachments/log.txt"},
      {"date",
       [](JsonValue& d) {
         at(d, {"stores", "aws", "lock", "retain_until"}) = "2032-05-18T03:33:21Z";
       },
       "#/stores/aws/lock/retain_until ",
       R"("2032-05-18T03:33:21Z", and this run computes "2033-05-18T03:33:21Z")"},
      {"hold", [](JsonValue& d) { at(d, {"stores", "aws", "lock", "legal_hold"}) = true; },
       "#/stores/aws/lock/legal_hold ", "it has true, and this run computes false"},
      {"key", [](JsonValue& d) { at(d, {"stores", "aws", "keys", "2"}) = "elsewhere"; },
       "#/stores/aws/keys/2 ", "elsewhere"},
      {"no manifest key",
       [](JsonValue& d) { at(d, {"stores", "aws", "keys"}).if_array()->pop_back(); },
       "#/stores/aws/keys/2 ", "it has nothing"},
      {"location", [](JsonValue& d) { at(d, {"stores", "aws", "location"}) = "example:other"; },
       "#/stores/aws/location ", "example:other"},
      {"plugin", [](JsonValue& d) { at(d, {"stores", "aws", "plugin"}) = "org.other"; },
       "#/stores/aws/plugin ", "org.other"},
      {"source",
       [](JsonValue& d) { at(d, {"stores", "aws", "retention", "source"}) = "requested date"; },
       "#/stores/aws/retention/source ", "requested date"},
      {"empty store", [](JsonValue& d) { at(d, {"stores", "aws"}) = JsonValue::object(); },
       "#/stores/aws/archive_prefix ", "it has nothing"},
      {"store of another type", [](JsonValue& d) { at(d, {"stores", "aws"}) = 1; }, "#/stores/aws ",
       "it has 1, and this run computes an object"},
  };
  for (const auto& [what, change, pointer, values] : rows) {
    CAPTURE(what);
    JsonValue document = kept_plan();
    change(document);
    const auto checked = check(document);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::refused);
    CAPTURE(checked.error().message);
    CHECK(contains(checked.error().message, pointer));
    CHECK(contains(checked.error().message, values));
  }
}

TEST_CASE("what is no plan, or has no such store, is a usage error") {
  struct Row {
    std::string_view text;
    std::string_view part;
  };
  for (const auto& [text, part] : {
           Row{"[]", "no storage plan"},
           Row{"null", "no storage plan"},
           Row{"{}", "schema_version is nothing"},
           Row{R"({"schema_version":"cavra.immutable-storage-plan.v2"})", "plan.v2"},
           Row{R"({"schema_version":1})", "schema_version is 1"},
           Row{R"({"schema_version":"cavra.immutable-storage-plan.v1"})", "has no stores"},
           Row{R"({"schema_version":"cavra.immutable-storage-plan.v1","stores":[]})",
               "has no stores"},
           Row{R"({"schema_version":"cavra.immutable-storage-plan.v1","stores":{}})",
               "it has none"},
           Row{R"({"schema_version":"cavra.immutable-storage-plan.v1","stores":{"b":{},"c":{}}})",
               R"(it has "b", "c")"},
       }) {
    CAPTURE(text);
    const auto document = parse_json(text);
    REQUIRE(document);
    const auto checked = check(*document);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::usage);
    CAPTURE(checked.error().message);
    CHECK(contains(checked.error().message, part));
  }
  JsonValue document = kept_plan();
  document.set("files", JsonValue::object());
  const auto checked = check(document);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == ErrorCode::usage);
}

TEST_CASE("a hostile plan gets a short message of one line") {
  JsonValue document = kept_plan();
  std::string name = "\x1b]0;x\a\n" + std::string(100'000, 'y');
  at(document, {"stores", "aws"}).set(name, name);
  const auto checked = check(document);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message.size() < 1000);
  CHECK_FALSE(contains(checked.error().message, "\n"));
  CHECK_FALSE(contains(checked.error().message, "\x1b"));
}

}  // namespace
}  // namespace cavra
