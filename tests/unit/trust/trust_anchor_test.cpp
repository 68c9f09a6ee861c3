#include "cavra/trust_anchor.hpp"

#include <doctest/doctest.h>

#include <array>

#include "trust/trust_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::must;
using testing::secret_of;
using testing::test_key;
using testing::test_root;
using testing::time_of;

constexpr std::string_view kText = "{\"canonical\": true}";
constexpr std::string_view kInside = "2026-03-01T00:00:00Z";

// Roots that are just these, and answer as a sound implementation would, or with an error.
class FakeRoots final : public TrustRoots {
 public:
  explicit FakeRoots(Result<TrustRoot> answer) : answer_(std::move(answer)) {}
  [[nodiscard]] Result<TrustRoot> find(std::string_view, std::string_view,
                                       KeyPurpose) const override {
    return answer_;
  }
  [[nodiscard]] std::string_view name() const override { return "fake\nroots"; }

 private:
  Result<TrustRoot> answer_;
};

TrustAnchor anchor_of(const std::vector<TrustRoot>& roots) {
  const JsonValue json = must(make_trust_root_bundle(roots, time_of(kInside)));
  return TrustAnchor::from_roots(std::make_shared<const FileTrustRoots>(
      must(FileTrustRoots::parse(compact_json(json), "roots.json"))));
}

Signature ed25519_signature(std::string_view key_id) {
  return must(make_ed25519_signer(test_key(key_id), std::string(key_id))->sign(as_bytes(kText)));
}

Signature hmac_signature(std::string_view key) {
  return must(make_hmac_signer(secret_of(key))->sign(as_bytes(kText)));
}

Signature digest_signature() {
  return must(make_digest_signer()->sign(as_bytes(kText)));
}

std::vector<std::string> codes_of(const Findings& findings) {
  std::vector<std::string> codes;
  for (const Finding& finding : findings) {
    CHECK_FALSE(contains(finding.message, "\n"));
    CHECK_FALSE(contains(finding.place, "\n"));
    CHECK_FALSE(finding.message.empty());
    codes.push_back(finding.code);
  }
  return codes;
}

using Codes = std::vector<std::string>;

struct Row {
  std::string what;
  TrustAnchor anchor;
  Signature signature;
  Codes codes;
  std::string_view expected_key_id = "";
  std::string_view created_at = kInside;
};

void check_row(const Row& row) {
  CAPTURE(row.what);
  std::optional<TrustRoot> signed_by;
  const Findings findings = row.anchor.check(kText, row.signature, row.expected_key_id,
                                             time_of(row.created_at).at, &signed_by);
  CHECK((codes_of(findings) == row.codes));
  // Without a place for the root, and over another text.
  CHECK(row.anchor.check(kText, row.signature, row.expected_key_id, time_of(row.created_at).at,
                         nullptr) == findings);
  CHECK_FALSE(row.anchor
                  .check("another text", row.signature, row.expected_key_id,
                         time_of(row.created_at).at, nullptr)
                  .empty());
}

Signature changed(Signature signature, const std::function<void(Signature&)>& change) {
  change(signature);
  return signature;
}

TEST_CASE("an HMAC key checks HS256 alone, and no key id") {
  const auto anchor = [] { return must(TrustAnchor::from_hmac_key(secret_of("key"))); };
  for (const Row& row : {
           Row{"right", anchor(), hmac_signature("key"), {}},
           Row{"other key", anchor(), hmac_signature("Key"), {"signature.mismatch"}},
           Row{"key id asked for", anchor(), hmac_signature("key"), {"signature.key_id"}, "prod"},
           Row{"digest", anchor(), digest_signature(), {"signature.algorithm"}},
           Row{"Ed25519", anchor(), ed25519_signature("a"), {"signature.algorithm"}},
           Row{"algorithm none",
               anchor(),
               changed(hmac_signature("key"), [](auto& s) { s.algorithm = "none"; }),
               {"signature.algorithm"}},
           Row{"algorithm in other letters",
               anchor(),
               changed(hmac_signature("key"), [](auto& s) { s.algorithm = "hs256"; }),
               {"signature.algorithm"}},
           Row{"cut",
               anchor(),
               changed(hmac_signature("key"), [](auto& s) { s.value.resize(16); }),
               {"signature.form"}},
           Row{"empty",
               anchor(),
               changed(hmac_signature("key"), [](auto& s) { s.value.clear(); }),
               {"signature.form"}},
       })
    check_row(row);
}

TEST_CASE("a PEM file is no HMAC key: who has a public key could make the HMAC") {
  const std::string public_pem = test_key("a").public_key().pem();
  for (const std::string& text :
       {public_pem, public_pem.substr(0, public_pem.size() - 1), "\n " + public_pem,
        std::string("subject=CN = a\n-----BEGIN CERTIFICATE-----\n"),
        std::string(as_text(test_key("a").pem().expose()))}) {
    CAPTURE(text);
    const auto anchor = TrustAnchor::from_hmac_key(secret_of(text));
    REQUIRE_FALSE(anchor);
    CHECK(anchor.error().code == ErrorCode::usage);
  }
}

TEST_CASE("an empty HMAC key is no anchor") {
  const auto anchor = TrustAnchor::from_hmac_key(Secret());
  REQUIRE_FALSE(anchor);
  CHECK(anchor.error().code == ErrorCode::usage);
}

TEST_CASE("a public key checks Ed25519 by that key alone") {
  const auto anchor = [] { return TrustAnchor::from_public_key(test_key("a").public_key()); };
  for (const Row& row : {
           Row{"right", anchor(), ed25519_signature("a"), {}},
           Row{"right key id", anchor(), ed25519_signature("a"), {}, "a"},
           Row{"other key id", anchor(), ed25519_signature("a"), {"signature.key_id"}, "prod"},
           Row{"other key", anchor(), ed25519_signature("b"), {"signature.fingerprint"}},
           Row{"other key and id",
               anchor(),
               ed25519_signature("b"),
               {"signature.key_id", "signature.fingerprint"},
               "a"},
           Row{"other fingerprint over a signature that fits",
               anchor(),
               changed(ed25519_signature("a"), [](auto& s) { s.public_key_sha256 = "\x1b"; }),
               {"signature.fingerprint"}},
           Row{"signature of another key under this fingerprint",
               anchor(),
               changed(ed25519_signature("a"),
                       [](auto& s) { s.value = ed25519_signature("b").value; }),
               {"signature.mismatch"}},
           Row{"one bit",
               anchor(),
               changed(ed25519_signature("a"), [](auto& s) { s.value[5] ^= std::byte{4}; }),
               {"signature.mismatch"}},
           Row{"cut",
               anchor(),
               changed(ed25519_signature("a"), [](auto& s) { s.value.pop_back(); }),
               {"signature.form"}},
           Row{"HMAC under the public key's text",
               anchor(),
               changed(
                   hmac_signature(test_key("a").public_key().pem()),
                   [](auto& s) { s.public_key_sha256 = test_key("a").public_key().fingerprint(); }),
               {"signature.algorithm"}},
           Row{"digest", anchor(), digest_signature(), {"signature.algorithm"}},
           Row{"Ed448",
               anchor(),
               changed(ed25519_signature("a"), [](auto& s) { s.algorithm = "Ed448"; }),
               {"signature.algorithm"}},
       })
    check_row(row);
}

TEST_CASE("trust roots check key, id, purpose, status and window") {
  const auto root = [](std::string_view name, const std::function<void(TrustRoot&)>& change) {
    TrustRoot made = test_root(name);
    change(made);
    return made;
  };
  const auto set_window = [](TrustRoot& r) { r.valid_until = time_of("2026-05-01T00:00:00Z"); };
  const TrustRoot window = root("a", set_window);
  const TrustRoot retired = root("a", [&](TrustRoot& r) {
    set_window(r);
    r.status = KeyStatus::retired;
  });
  const TrustRoot revoked = root("a", [](TrustRoot& r) { r.status = KeyStatus::revoked; });
  const TrustRoot revoked_elsewhere = root("a", [](TrustRoot& r) {
    r.status = KeyStatus::revoked;
    r.key_id = "zz";
  });
  const TrustRoot receipt = root("a", [](TrustRoot& r) { r.purpose = KeyPurpose::receipt; });
  const auto a = [] { return ed25519_signature("a"); };
  for (const Row& row : {
           Row{"right", anchor_of({test_root("a"), test_root("b")}), a(), {}},
           Row{"right key id", anchor_of({test_root("a")}), a(), {}, "a"},
           Row{"key id not the signature's",
               anchor_of({test_root("a"), test_root("b")}),
               a(),
               {"signature.key_id"},
               "b"},
           Row{"no such root", anchor_of({test_root("b")}), a(), {"trust.not_found"}},
           Row{"key under another id",
               anchor_of({test_root("a")}),
               changed(a(), [](auto& s) { s.key_id = "prod"; }),
               {"trust.not_found"}},
           Row{"id with another key",
               anchor_of({test_root("a"), test_root("b")}),
               changed(a(), [](auto& s) { s.key_id = "b"; }),
               {"trust.not_found"}},
           Row{"no key id",
               anchor_of({test_root("a")}),
               changed(a(), [](auto& s) { s.key_id.clear(); }),
               {"signature.form"}},
           Row{"no fingerprint",
               anchor_of({test_root("a")}),
               changed(a(), [](auto& c) { c.public_key_sha256.clear(); }),
               {"signature.form"}},
           Row{"revoked", anchor_of({revoked}), a(), {"trust.revoked"}},
           Row{"revoked in another entry",
               anchor_of({test_root("a"), revoked_elsewhere}),
               a(),
               {"trust.revoked"}},
           Row{"revoked, and changed",
               anchor_of({revoked}),
               changed(a(), [](auto& s) { s.value[0] ^= std::byte{1}; }),
               {"trust.revoked", "signature.mismatch"}},
           Row{"receipt key", anchor_of({receipt}), a(), {"trust.purpose"}},
           Row{"first moment", anchor_of({window}), a(), {}, "", "2026-01-01T00:00:00Z"},
           Row{"last moment", anchor_of({window}), a(), {}, "", "2026-05-01T00:00:00Z"},
           Row{"before", anchor_of({window}), a(), {"trust.window"}, "", "2025-12-31T23:59:59Z"},
           Row{"after", anchor_of({window}), a(), {"trust.window"}, "", "2026-05-01T00:00:01Z"},
           Row{"retired, in its window", anchor_of({retired}), a(), {}},
           Row{"retired, after",
               anchor_of({retired}),
               a(),
               {"trust.window"},
               "",
               "2026-06-01T00:00:00Z"},
           Row{"after, and changed",
               anchor_of({window}),
               changed(a(), [](auto& s) { s.value[0] ^= std::byte{1}; }),
               {"trust.window", "signature.mismatch"},
               "",
               "2026-06-01T00:00:00Z"},
           Row{"cut",
               anchor_of({test_root("a")}),
               changed(a(), [](auto& s) { s.value.pop_back(); }),
               {"signature.form"}},
           Row{"digest", anchor_of({test_root("a")}), digest_signature(), {"signature.algorithm"}},
           Row{"algorithm none over a signature that fits",
               anchor_of({test_root("a")}),
               changed(a(), [](auto& s) { s.algorithm = "none"; }),
               {"signature.algorithm"}},
       })
    check_row(row);
}

TEST_CASE("check tells which root signed, and none where another key is in play") {
  const TrustAnchor anchor = anchor_of({test_root("a"), test_root("b")});
  std::optional<TrustRoot> signed_by = test_root("b");
  CHECK(anchor.check(kText, ed25519_signature("a"), "", time_of(kInside).at, &signed_by).empty());
  REQUIRE(signed_by);
  CHECK(signed_by->key_id == "a");
  CHECK_FALSE(
      anchor.check(kText, ed25519_signature("x"), "", time_of(kInside).at, &signed_by).empty());
  CHECK_FALSE(signed_by);

  TrustRoot revoked = test_root("a");
  revoked.status = KeyStatus::revoked;
  const auto other_key = changed(ed25519_signature("b"), [](auto& s) { s.key_id = "a"; });
  signed_by = test_root("b");
  const Findings findings =
      anchor_of({revoked}).check(kText, other_key, "", time_of(kInside).at, &signed_by);
  CHECK((codes_of(findings) == Codes{"trust.revoked"}));
  CHECK_FALSE(signed_by);
}

TEST_CASE("what a trust-roots plugin answers is checked again") {
  const auto anchor = [](Result<TrustRoot> answer) {
    return TrustAnchor::from_roots(std::make_shared<const FakeRoots>(std::move(answer)));
  };
  TrustRoot renamed = test_root("a");
  renamed.key_id = "prod";
  TrustRoot receipt = test_root("a");
  receipt.purpose = KeyPurpose::receipt;
  for (const Row& row : {
           Row{"right", anchor(test_root("a")), ed25519_signature("a"), {}},
           Row{"another key", anchor(test_root("b")), ed25519_signature("a"), {"trust.not_found"}},
           Row{"another id", anchor(renamed), ed25519_signature("a"), {"trust.not_found"}},
           Row{"a receipt key", anchor(receipt), ed25519_signature("a"), {"trust.purpose"}},
           Row{"an error",
               anchor(Error{ErrorCode::unavailable, "down"}),
               ed25519_signature("a"),
               {"trust.unavailable"}},
       })
    check_row(row);
}

TEST_CASE("findings have a place, say what to do, and print foreign text escaped") {
  const auto odd = changed(ed25519_signature("a"), [](auto& s) { s.algorithm = "Ed25519\n"; });
  const Findings findings =
      anchor_of({test_root("a")}).check(kText, odd, "", time_of(kInside).at, nullptr);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].place == "manifest.json#/signature/algorithm");
  CHECK(contains(findings[0].message, "\"Ed25519\\u000a\""));

  const Findings window =
      anchor_of({test_root("a")})
          .check(kText, ed25519_signature("a"), "", time_of("2020-01-01T00:00:00Z").at, nullptr);
  REQUIRE(window.size() == 1);
  CHECK(window[0].place == "roots.json");
  CHECK(contains(window[0].message, "not valid before 2026-01-01T00:00:00Z"));
  CHECK(contains(window[0].message, "2020-01-01T00:00:00Z"));
}

TEST_CASE("an anchor tells its kind") {
  CHECK((anchor_of({test_root("a")}).kind() == TrustAnchor::Kind::trust_roots));
  CHECK((TrustAnchor::from_public_key(test_key("a").public_key()).kind() ==
         TrustAnchor::Kind::public_key));
  CHECK((must(TrustAnchor::from_hmac_key(secret_of("k"))).kind() == TrustAnchor::Kind::hmac_key));
}

TEST_CASE("v1's Ed25519 signature holds over v1's canonical bytes") {
  const auto canonical = testing::shared_file("fixtures/v1/exports/ref-ed25519.canonical.bin");
  const auto manifest = testing::shared_file("fixtures/v1/bundles/ref-ed25519/manifest.json");
  const auto pem = testing::shared_file("fixtures/v1/keys/test-a-public.pem");
  if (!canonical || !manifest || !pem) return;
  const JsonValue json = must(parse_json(*manifest));
  const JsonValue* in_file = json.find("signature");
  REQUIRE(in_file != nullptr);
  const Signature signature{.algorithm = testing::text_of(*in_file, "algorithm"),
                            .key_id = testing::text_of(*in_file, "key_id"),
                            .public_key_sha256 = testing::text_of(*in_file, "public_key_sha256"),
                            .value = testing::base64_of(*in_file, "value")};
  const auto anchor = TrustAnchor::from_public_key(must(PublicKey::from_pem(*pem, "a")));
  CHECK(anchor.check(*canonical, signature, "", time_of(kInside).at, nullptr).empty());
  CHECK_FALSE(anchor.check(*canonical + " ", signature, "", time_of(kInside).at, nullptr).empty());
}

}  // namespace
}  // namespace cavra
