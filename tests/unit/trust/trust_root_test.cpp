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

JsonValue root_json_with(std::string_view member, JsonValue value) {
  JsonValue json = test_root("prod").to_json();
  json.set(std::string(member), std::move(value));
  return json;
}

TEST_CASE("a trust root is read as it was written") {
  TrustRoot root = test_root("prod");
  root.status = KeyStatus::retired;
  root.purpose = KeyPurpose::receipt;
  root.valid_from = time_of("2026-01-01T01:00:00.5+01:00");
  root.valid_until = time_of("2026-05-01T00:00:00Z");
  const TrustRoot again = must(TrustRoot::from_json(root.to_json(), "root.json#"));
  CHECK(again.key_id == root.key_id);
  CHECK(again.owner == root.owner);
  CHECK((again.status == root.status));
  CHECK((again.purpose == root.purpose));
  CHECK((again.key == root.key));
  CHECK((again.valid_from == root.valid_from));
  CHECK((again.valid_until == root.valid_until));
}

TEST_CASE("an active evidence root has v1's ten members and its times as Python writes them") {
  const JsonValue json = test_root("prod").to_json();
  CHECK(json.if_object()->size() == 10);
  CHECK(json.find("purpose") == nullptr);
  CHECK(testing::text_of(json, "valid_from") == "2026-01-01T00:00:00+00:00");
  CHECK(json.find("valid_until")->is_null());
}

TEST_CASE("members that are not known are left alone") {
  for (const char* name : {"comment", "created_at", "x-purpose-of-use", "kid", "", "rotation"}) {
    CAPTURE(name);
    CHECK(TrustRoot::from_json(root_json_with(name, "x"), "root.json#"));
  }
}

TEST_CASE("a member that might be a known one misspelt is refused, with its place") {
  struct Row {
    std::string_view name;
    std::string_view known;
  };
  static constexpr std::array rows{
      Row{"Purpose", "purpose"},         Row{"PURPOSE", "purpose"},  Row{"purpos", "purpose"},
      Row{"prupose", "purpose"},         Row{"purpose ", "purpose"}, Row{"purp\u043ese", "purpose"},
      Row{"Status", "status"},           Row{"stauts", "status"},    Row{"keyid", "key_id"},
      Row{"Valid-Until", "valid_until"},
  };
  for (const auto& [name, known] : rows) {
    CAPTURE(name);
    const auto root = TrustRoot::from_json(root_json_with(name, "receipt"), "root.json#");
    REQUIRE_FALSE(root);
    CHECK((root.error().code == ErrorCode::corrupt));
    CHECK(root.error().message.starts_with("root.json#/"));
    CHECK(contains(root.error().message, "might be " + cavra::quoted(known) + " misspelt"));
  }
}

TEST_CASE("a root without a purpose is for evidence") {
  CHECK(
      (must(TrustRoot::from_json(test_root("a").to_json(), "x")).purpose == KeyPurpose::evidence));
}

TEST_CASE("a trust root that is wrong in itself is refused with the member's place") {
  struct Row {
    std::string_view member;
    JsonValue value;
    std::string_view says;
  };
  const std::string other_pem = test_key("other").public_key().pem();
  const std::string small_order_pem =
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
      "-----END PUBLIC KEY-----\n";
  const std::array rows{
      Row{"schema_version", "cavra.evidence.trust-root.v2", "must be"},
      Row{"schema_version", 1, "of type integer"},
      Row{"product", "cavra", "must be \"CAVRA\""},
      Row{"algorithm", "Ed448", "must be \"Ed25519\""},
      Row{"algorithm", nullptr, "of type null"},
      Row{"key_id", 7, "of type integer"},
      Row{"key_id", "", "is empty"},
      Row{"owner", true, "of type boolean"},
      Row{"status", "Active", "active, retired or revoked"},
      Row{"status", nullptr, "of type null"},
      Row{"status", "retired", ""},  // place is valid_until's: below
      Row{"purpose", "both", "evidence or receipt"},
      Row{"purpose", nullptr, "of type null"},
      Row{"public_key_pem", other_pem, ""},  // place is the fingerprint's: below
      Row{"public_key_pem", small_order_pem, "small order"},
      Row{"public_key_pem", "x", "PEM"},
      Row{"public_key_pem", std::string(as_text(test_key("prod").pem().expose())),
          "is a private key"},
      Row{"public_key_sha256", std::string(64, '0'), "one of them was changed"},
      Row{"public_key_sha256", nullptr, "of type null"},
      Row{"valid_from", "2026-01-01", ""},
      Row{"valid_from", "2026-01-01T00:00:00", ""},
      Row{"valid_from", nullptr, "of type null"},
      Row{"valid_until", "2025-12-31T23:59:59Z", "before valid_from"},
      Row{"valid_until", "soon", ""},
      Row{"valid_until", 0, "of type integer"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.member);
    CAPTURE(row.says);
    const auto root =
        TrustRoot::from_json(root_json_with(row.member, row.value), "r.json#/roots/0");
    REQUIRE_FALSE(root);
    CAPTURE(root.error().message);
    CHECK(root.error().code == ErrorCode::corrupt);
    CHECK(root.error().message.starts_with("r.json#/roots/0"));
    CHECK(contains(root.error().message, row.says));
    if (!row.says.empty())
      CHECK(contains(root.error().message, "r.json#/roots/0/" + std::string(row.member)));
  }
}

TEST_CASE("a retired root without an end and a PEM that is not its fingerprint's are placed") {
  const auto retired = TrustRoot::from_json(root_json_with("status", "retired"), "r.json#");
  REQUIRE_FALSE(retired);
  CHECK(contains(retired.error().message, "r.json#/valid_until: is null, and a retired key"));
  const auto other = TrustRoot::from_json(
      root_json_with("public_key_pem", test_key("other").public_key().pem()), "r.json#");
  REQUIRE_FALSE(other);
  CHECK(contains(other.error().message, "r.json#/public_key_sha256: is"));
  CHECK(contains(other.error().message, test_key("other").public_key().fingerprint()));
}

TEST_CASE("every member but purpose must be there, a null end too") {
  const JsonValue whole = test_root("prod").to_json();
  for (const JsonMember& left_out : *whole.if_object()) {
    CAPTURE(left_out.name);
    JsonValue root = JsonValue::object();
    for (const JsonMember& member : *whole.if_object())
      if (member.name != left_out.name) root.set(member.name, member.value);
    const auto read = TrustRoot::from_json(root, "r.json#");
    REQUIRE_FALSE(read);
    CHECK(contains(read.error().message, "r.json#/" + left_out.name + ": is missing"));
  }
}

TEST_CASE("what is no object is no trust root") {
  for (const JsonValue& value : {JsonValue(), JsonValue("x"), JsonValue::array()}) {
    const auto root = TrustRoot::from_json(value, "r.json#");
    REQUIRE_FALSE(root);
    CHECK(contains(root.error().message, "a trust root is an object"));
  }
}

TEST_CASE("why_not_at knows the window with both ends, and that a revoked key has none") {
  struct Row {
    KeyStatus status;
    std::string_view created_at;
    std::string_view why;
  };
  static constexpr std::array rows{
      Row{KeyStatus::active, "2025-12-31T23:59:59.999999999Z",
          "not valid before 2026-01-01T00:00:00Z"},
      Row{KeyStatus::active, "2026-01-01T00:00:00Z", ""},
      Row{KeyStatus::active, "2026-05-01T00:00:00Z", ""},
      Row{KeyStatus::active, "2026-05-01T00:00:00.000000001Z",
          "not valid after 2026-05-01T00:00:00Z"},
      Row{KeyStatus::retired, "2026-03-01T00:00:00Z", ""},
      Row{KeyStatus::retired, "2026-06-01T00:00:00Z", "not valid after 2026-05-01T00:00:00Z"},
      Row{KeyStatus::revoked, "2026-03-01T00:00:00Z", "revoked"},
      Row{KeyStatus::revoked, "2020-03-01T00:00:00Z", "revoked"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.created_at);
    TrustRoot root = test_root("a");
    root.status = row.status;
    root.valid_until = time_of("2026-05-01T00:00:00Z");
    CHECK(root.why_not_at(time_of(row.created_at).at) == row.why);
  }
  CHECK(test_root("a").why_not_at(time_of("9999-12-31T23:59:59Z").at).empty());
}

TEST_CASE("status and purpose have one spelling each") {
  for (const KeyStatus status : {KeyStatus::active, KeyStatus::retired, KeyStatus::revoked})
    CHECK((must(parse_key_status(to_string(status))) == status));
  for (const KeyPurpose purpose : {KeyPurpose::evidence, KeyPurpose::receipt})
    CHECK((must(parse_key_purpose(to_string(purpose))) == purpose));
  for (const char* text : {"", "Active", "active ", "both", "unknown"}) {
    CAPTURE(text);
    CHECK(parse_key_status(text).error().code == ErrorCode::usage);
    CHECK(parse_key_purpose(text).error().code == ErrorCode::usage);
  }
}

}  // namespace
}  // namespace cavra
