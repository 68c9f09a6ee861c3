#include "cavra/receipt.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "archive/archive_test_data.hpp"
#include "archive/full_receipt.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a statement is this text") {
  Receipt receipt = full_receipt();
  receipt.act = {};
  receipt.reference = "CHG-4711";
  receipt.objects.erase(receipt.objects.begin(), receipt.objects.begin() + 2);
  const std::string a(64, 'a');
  const std::string expected =
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"evidence/s-17/)" + a +
      R"(/bundle/manifest.json","digest":{"sha256":")" + a +
      R"("}}],"predicateType":"https://cavra.dev/receipt/v1","predicate":{"act":{"kind":"archive","claimed_at":null,"previous":[],"reason":""},"store":"aws",)"
      R"("location":"s3://evidence, eu-central-1","identity":"arn:aws:s3:::evidence",)"
      R"("plugin":{"id":"org.example.store","version":"1.0.0","sha256":")" +
      std::string(64, 'f') + R"("},"archive_prefix":"evidence/s-17/)" + a +
      R"(/","bundle":{"session_id":"s-17","created_at":"2026-05-21T12:00:00+00:00",)"
      R"("manifest_sha256":")" +
      a + R"(","evidence_key":{"algorithm":"Ed25519","key_id":"k-1","public_key_sha256":")" +
      std::string(64, 'e') +
      R"("}},"reference":"CHG-4711","lock":{"legal_hold":false,"mode":"compliance",)"
      R"("retain_until":"2033-05-18T03:33:21Z"},)"
      R"("lock_strength":"locked: nobody can lift it before its date","retention":{"candidates":{"signed_policy":)"
      R"("2033-05-18T03:33:21Z"},"legal_hold":false,"retain_until":"2033-05-18T03:33:21Z",)"
      R"("source":"signed policy"},"objects":[{"member":"manifest.json","bytes":300,)"
      R"("version":"v1","lock":{"legal_hold":false,"mode":"compliance",)"
      R"("retain_until":"2033-05-18T03:33:21Z"},"stored_at":"1970-01-01T00:00:00Z",)"
      R"("proof":"read-back"}]}})";
  CHECK(receipt.statement() == expected);
}

TEST_CASE("a statement is JSON, and its locks and retention are those of the types") {
  const Receipt receipt = full_receipt();
  const JsonValue json = must(parse_json(receipt.statement()));
  const JsonValue& predicate = *json.find("predicate");
  CHECK(*predicate.find("reference") == JsonValue(receipt.reference));
  CHECK(*predicate.find("lock") == receipt.lock.to_json());
  CHECK(*predicate.find("retention") == receipt.retention.to_json());
  CHECK(json.find("subject")->if_array()->size() == 3);
  CHECK(*predicate.find("objects")->if_array()->at(0).find("lock") == receipt.lock.to_json());
}

TEST_CASE("from_statement gives back what statement wrote") {
  const Receipt receipt = full_receipt();
  const Receipt again = must(Receipt::from_statement(receipt.statement()));
  CHECK(static_cast<const ReceiptFacts&>(again) == receipt);
  CHECK(again.objects == receipt.objects);
  CHECK(again.statement() == receipt.statement());
}

TEST_CASE("a receipt fits the schemas that readers are given") {
  const auto schema = [](const char* name) {
    return must(JsonSchema::compile(
        read_text(std::filesystem::path(CAVRA_SOURCE_DIR) / "docs" / "schemas" / name)));
  };
  const Receipt receipt = full_receipt();
  for (const auto& [pointer, problem] :
       schema("receipt-statement.schema.json").validate(must(parse_json(receipt.statement()))))
    FAIL_CHECK(pointer << ": " << problem);
  const std::string envelope =
      must(sign_receipt(receipt, *make_ed25519_signer(test_key("receipts"), "")));
  for (const auto& [pointer, problem] :
       schema("receipt-envelope.schema.json").validate(must(parse_json(envelope))))
    FAIL_CHECK(pointer << ": " << problem);
}

TEST_CASE("every cut of a statement is refused") {
  const std::string text = full_receipt().statement();
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto receipt = Receipt::from_statement(text.substr(0, size));
    REQUIRE_FALSE(receipt);
    REQUIRE(receipt.error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("from_statement refuses every other spelling, and names the place") {
  struct Row {
    std::string from, to;
    std::string_view place;
  };
  const std::string zeros(64, '0');
  const std::string a(64, 'a');
  const std::array rows{
      Row{R"({"_type")", R"( {"_type")", ""},
      Row{"Statement/v1", "Statement/v0.1", ""},
      Row{"receipt/v1", "receipt/v2", "/subject/2"},
      Row{R"("subject":[)", R"("subject":[],"extra":[)", "/subject/0"},
      Row{R"({"name":)", R"({"uri":"x","name":)", "/subject/0"},
      Row{R"("sha256":"a)", R"("sha256":"A)", "/subject/2"},
      Row{R"("sha256":"a)", R"("sha512":"a)", "/subject/2"},
      Row{"bundle/gro", "bundle/Gro", "/predicate/objects/0"},
      Row{R"("kind":"set_hold")", R"("kind":"archive")", "/predicate/act"},
      Row{R"("kind":"set_hold")", R"("kind":"delete")", "/predicate/act"},
      Row{R"("claimed_at":"2027-01-15T08:00:01Z")", R"("claimed_at":null)", "/predicate/act"},
      Row{R"("previous":["1)", R"("previous":["3)", "/predicate/act"},
      Row{R"("previous":["1)", R"("previous":["A)", "/predicate/act"},
      Row{R"("previous":[")" + std::string(64, '1') + R"(",")" + std::string(64, '2') + R"("])",
          R"("previous":[])", "/predicate/act"},
      Row{R"("previous":[")" + std::string(64, '1'), R"("previous":[")" + std::string(64, '2'),
          "/predicate/act"},
      Row{R"("reason":")", R"("reason":0)", "/predicate/act"},
      Row{R"("store":"aws")", R"("store":1)", "/predicate/store"},
      Row{R"("store":"aws")", R"("shop":"aws")", "/predicate/store"},
      Row{R"("store":"aws")", R"("store":"aws","more":1)", "/predicate/location"},
      Row{R"("store":"aws")", R"("store":"\u0061ws")", "/predicate/store"},
      Row{R"("store":"aws")", R"("store":"a\/ws")", "/predicate/store"},
      Row{R"("store":"aws")", "\"store\":\"a\tws\"", "/predicate/store"},
      Row{R"("store":"aws")", R"("store":"a\u000Aws")", "/predicate/store"},
      Row{R"("store":"aws")", "\"store\":\"a\xffws\"", ""},
      Row{R"("plugin":{)", R"("plugin":[)", "/predicate/plugin/id"},
      Row{R"("manifest_sha256":"a)", R"("manifest_sha256":"b)", "/predicate/"},
      Row{R"("manifest_sha256":"aa)", R"("manifest_sha256":"a)", "/predicate/"},
      Row{R"("lock":{"legal_hold":false)", R"("lock":{"legal_hold":0)", "/predicate/lock"},
      Row{R"("mode":"compliance")", R"("mode":"COMPLIANCE")", "/predicate/lock"},
      Row{R"("retain_until":"2033-05-18T03:33:21Z")", R"("retain_until":"2033-05-18T03:33:21.0Z")",
          "/predicate/lock"},
      Row{R"("retain_until":"2033-05-18T03:33:21Z")",
          R"("retain_until":"2033-05-18T05:33:21+02:00")", "/predicate/lock"},
      Row{R"("lock_strength":"locked: nobody)", R"("lock_strength":"locked: somebody)",
          "/predicate/lock_strength"},
      Row{R"("retention":{"candidates":{)", R"("retention":{"candidates":{"x":1,)",
          "/predicate/retention"},
      Row{R"("retention":{)", R"("retention":{ )", "/predicate/retention"},
      Row{R"("retention":{)", R"("retention":[{)", "/predicate/retention"},
      Row{R"("source":"signed policy")", R"("source":"a guess")", "/predicate/retention"},
      Row{R"("bytes":1,)", R"("bytes":-1,)", "/predicate/objects/0"},
      Row{R"("bytes":1,)", R"("bytes":01,)", "/predicate/objects/0"},
      Row{R"("bytes":1,)", R"("bytes":1.0,)", "/predicate/objects/0"},
      Row{R"("bytes":1,)", R"("bytes":,)", "/predicate/objects/0"},
      Row{"18446744073709551615", "18446744073709551616", "/predicate/objects/1"},
      Row{R"("proof":"store-digest")", R"("proof":"trust me")", "/predicate/objects/1"},
      Row{"@400000000000", "@0400000000000", "/predicate/objects/1"},
      Row{"@400000000000", "@1", "/predicate/objects/1"},
      Row{R"("stored_at":null)", R"("stored_at":0)", "/predicate/objects/1"},
      Row{R"("proof":"read-back"},{"member":"attachments/b")",
          R"("proof":"read-back"}],"more":[{"member":"attachments/b")", "/predicate/objects/0"},
      Row{"]}}", "]}} ", "/predicate/objects"},
      Row{"]}}", "]},\"more\":1}", "/predicate/objects"},
  };
  const std::string good = [] {
    Receipt receipt = full_receipt();
    receipt.objects[1].lock.retain_until_unix_s = 400'000'000'000;  // year 14645: "@400000000000"
    return receipt.statement();
  }();
  REQUIRE(Receipt::from_statement(good));
  for (const Row& row : rows) {
    CAPTURE(row.to);
    const auto receipt = Receipt::from_statement(replaced(good, row.from, row.to));
    REQUIRE_FALSE(receipt);
    CHECK(receipt.error().code == ErrorCode::corrupt);
    CAPTURE(receipt.error().message);
    CHECK(contains(receipt.error().message, row.place));
    CHECK(contains(receipt.error().message, "byte "));
  }
}

TEST_CASE("members of a receipt are as hostile as a manifest's") {
  struct Row {
    std::string_view member, problem;
  };
  static constexpr std::array rows{
      Row{"../evil", ".."},          Row{"/etc/passwd", "empty part"},
      Row{"a//b", "empty part"},     Row{"a/./b", "\".\""},
      Row{"a\\b", "backslash"},      Row{"", "empty"},
      Row{"a\nb", "control"},        Row{"attachments", "folder"},
      Row{"attachments/b", "twice"}, Row{"manifest.json", "twice"},
  };
  for (const auto& [member, problem] : rows) {
    CAPTURE(member);
    Receipt receipt = full_receipt();
    receipt.objects[0].member = member;
    const auto again = Receipt::from_statement(receipt.statement());
    REQUIRE_FALSE(again);
    CAPTURE(again.error().message);
    CHECK(contains(again.error().message, problem));
  }
}

TEST_CASE("the last object is the manifest, with the digest that the receipt names") {
  Receipt receipt = full_receipt();
  SUBCASE("another digest") {
    receipt.objects.back().sha256 = sha256("other");
  }
  SUBCASE("no manifest") {
    receipt.objects.pop_back();
  }
  SUBCASE("another name") {
    receipt.objects.back().member = "manifest.txt";
  }
  const auto again = Receipt::from_statement(receipt.statement());
  REQUIRE_FALSE(again);
  CHECK(contains(again.error().message, "manifest"));
}

TEST_CASE("keys end in the digest of the manifest that the receipt names") {
  Receipt receipt = full_receipt();
  SUBCASE("another digest") {
    receipt.archive_prefix = "evidence/s-17/" + std::string(64, 'b') + "/";
  }
  SUBCASE("no digest") {
    receipt.archive_prefix = "evidence/s-17/";
  }
  SUBCASE("no part of its own") {
    receipt.archive_prefix.insert(14, "x");
  }
  SUBCASE("nothing") {
    receipt.archive_prefix.clear();
  }
  const auto again = Receipt::from_statement(receipt.statement());
  REQUIRE_FALSE(again);
  CHECK(contains(again.error().message, "archive_prefix"));
}

TEST_CASE("subjects and objects that do not go together are refused") {
  const std::string good = full_receipt().statement();
  const auto subject_end = good.find("},{");
  const auto subjects = good.find("{\"name\"");
  const std::string fewer = good.substr(0, subjects) + good.substr(subject_end + 2);
  CHECK_FALSE(Receipt::from_statement(fewer));
  const auto objects = good.find("{\"member\"");
  const auto object_end = good.find("},{\"member\"");
  const std::string shorter = good.substr(0, objects) + good.substr(object_end + 2);
  CHECK_FALSE(Receipt::from_statement(shorter));
}

TEST_CASE("an object takes about 450 bytes of a statement") {
  Receipt receipt = full_receipt();
  receipt.objects.clear();
  for (int i = 0; i < 1000; ++i)
    receipt.objects.push_back({"attachments/file-" + std::to_string(100000 + i) + ".json",
                               sha256("x"), 4096, "", receipt.lock, 1'800'000'000,
                               Proof::read_back});
  CHECK(receipt.statement().size() < 500 * 1000);
}

TEST_CASE("an out-of-range time of a store is kept, and no calendar date") {
  Receipt receipt = full_receipt();
  receipt.objects[0].stored_at_unix_s = std::numeric_limits<std::int64_t>::max();
  receipt.objects[1].stored_at_unix_s = std::numeric_limits<std::int64_t>::min();
  const Receipt again = must(Receipt::from_statement(receipt.statement()));
  CHECK(again.objects == receipt.objects);
}
