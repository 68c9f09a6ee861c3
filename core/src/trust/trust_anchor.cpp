#include "cavra/trust_anchor.hpp"

#include <utility>

#include "cavra/hasher.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

namespace {

constexpr std::string_view kEd25519 = "Ed25519";
constexpr std::string_view kHmac = "HS256";
constexpr std::string_view kDigest = "SHA256";

// What is checked, and what was found wrong so far.
struct Check {
  std::string_view canonical;
  const Signature& signature;
  std::string_view expected_key_id;
  const Timestamp& created_at;
  Findings findings;

  void add(std::string code, std::string_view member, std::string message) {
    findings.push_back(
        {std::move(code), "manifest.json#/signature/" + std::string(member), std::move(message)});
  }
};

// The anchor decides the algorithm, never the file: else a digest that anybody can make, or an
// HMAC under a public key's text, would pass.
bool has_algorithm(Check& check, std::string_view wanted, std::string_view anchor) {
  const std::string& found = check.signature.algorithm;
  if (found == wanted) return true;
  std::string message = "the algorithm is " + quoted(found, 64) + ", and " + std::string(anchor) +
                        " checks " + std::string(wanted) + " only";
  if (found == kDigest)
    message += "; this one is a digest that anybody can make: get the signed bundle";
  else if (found == kHmac)
    message += "; check it with the HMAC key it was made with";
  else if (found == kEd25519)
    message += "; check it with the signer's public key or a trust root";
  else
    message += "; get a bundle signed with " + std::string(wanted);
  check.add("signature.algorithm", "algorithm", std::move(message));
  return false;
}

// The signature does not cover its own key id, so it counts only together with the fingerprint.
void check_key_id(Check& check) {
  const std::string& found = check.signature.key_id;
  if (check.expected_key_id.empty() || found == check.expected_key_id) return;
  check.add("signature.key_id", "key_id",
            "the key id is " + quoted(found) + ", and " + quoted(check.expected_key_id) +
                " was asked for; check that this is the bundle you mean, or ask for its key id");
}

void check_value(Check& check, const PublicKey& key) {
  if (check.signature.value.size() != 64) {
    check.add("signature.form", "value",
              "the signature has " + std::to_string(check.signature.value.size()) +
                  " bytes, and Ed25519 has 64; get an undamaged copy of the bundle");
    return;
  }
  if (!key.verifies(as_bytes(check.canonical), check.signature.value))
    check.add("signature.mismatch", "value",
              "the signature does not fit the manifest: the manifest or the signature was changed "
              "after signing; get an undamaged copy of the bundle");
}

void check_with_public_key(Check& check, const PublicKey& key) {
  if (!has_algorithm(check, kEd25519, "a public key")) return;
  check_key_id(check);
  const std::string fingerprint = key.fingerprint();
  if (check.signature.public_key_sha256 != fingerprint) {
    check.add("signature.fingerprint", "public_key_sha256",
              "the fingerprint of the signing key is " +
                  quoted(check.signature.public_key_sha256, 100) + ", and the given key has " +
                  fingerprint + "; give the public key of whoever signed");
    return;
  }
  check_value(check, key);
}

void check_with_hmac_key(Check& check, const Secret& key) {
  if (!has_algorithm(check, kHmac, "an HMAC key")) return;
  if (!check.expected_key_id.empty())
    check.add("signature.key_id", "key_id",
              "the key id " + quoted(check.expected_key_id) +
                  " was asked for, and an HMAC signature has none; leave the key id out");
  const Digest mac = hmac_sha256(key, as_bytes(check.canonical));
  if (check.signature.value.size() != mac.size)
    check.add("signature.form", "value",
              "the signature has " + std::to_string(check.signature.value.size()) +
                  " bytes, and HS256 has 32; get an undamaged copy of the bundle");
  else if (!equal_constant_time(mac.span(), check.signature.value))
    check.add("signature.mismatch", "value",
              "the signature does not fit the manifest: another HMAC key made it, or the manifest "
              "was changed after signing");
}

// Why the roots have no key for this signature.
Finding look_up_finding(const TrustRoots& roots, const Signature& signature, const Error& error) {
  const std::string place = printable(roots.name());
  if (error.code != ErrorCode::not_found)
    return {"trust.unavailable", place,
            "the trust roots could not be asked: " + error.message + "; try again"};
  const auto other = roots.find(signature.key_id, signature.public_key_sha256, KeyPurpose::receipt);
  if (other && other->purpose == KeyPurpose::receipt)
    return {"trust.purpose", place,
            "the key " + quoted(signature.key_id) +
                " is for receipts, and a receipt key never verifies evidence; sign evidence with "
                "a key of its own"};
  return {"trust.not_found", place,
          "no trust root for the signing key: " + error.message +
              "; if you trust that key, add its root, which you have from its owner"};
}

// What a root found says against itself. It may come from a plugin, so nothing is taken for
// granted.
void check_root(Check& check, const TrustRoot& root, const std::string& place) {
  if (root.status == KeyStatus::revoked) {
    check.findings.push_back(
        {"trust.revoked", place,
         "the key " + quoted(root.key_id) +
             " is revoked, and a revoked key verifies nothing; ask its owner for evidence signed "
             "with another key"});
    return;
  }
  if (root.purpose != KeyPurpose::evidence)
    check.findings.push_back({"trust.purpose", place,
                              "the key " + quoted(root.key_id) +
                                  " is for receipts, and a receipt key never verifies evidence"});
  if (const std::string why = root.why_not_at(check.created_at); !why.empty())
    check.findings.push_back(
        {"trust.window", place,
         "the key " + quoted(root.key_id) + " is " + why + ", and the manifest says it was made " +
             format_utc(check.created_at) + "; ask the key's owner which is right"});
}

void check_with_roots(Check& check, const TrustRoots& roots, std::optional<TrustRoot>* signed_by) {
  if (!has_algorithm(check, kEd25519, "a trust root")) return;
  check_key_id(check);
  const Signature& signature = check.signature;
  if (signature.key_id.empty())
    return check.add("signature.form", "key_id",
                     "the signature names no key id, by which its trust root is found; get an "
                     "undamaged copy of the bundle");
  if (signature.public_key_sha256.empty())
    return check.add("signature.form", "public_key_sha256",
                     "the signature names no fingerprint, by which its trust root is found; get "
                     "an undamaged copy of the bundle");
  const auto root = roots.find(signature.key_id, signature.public_key_sha256, KeyPurpose::evidence);
  if (!root) return check.findings.push_back(look_up_finding(roots, signature, root.error()));

  const std::string place = printable(roots.name());
  check_root(check, *root, place);
  const bool is_its_key = root->key.fingerprint() == signature.public_key_sha256;
  if (!is_its_key || root->key_id != signature.key_id) {
    // A revoked root of the same id or key is a finding already.
    if (root->status != KeyStatus::revoked)
      check.findings.push_back(
          {"trust.not_found", place,
           "the trust root found is not that of the signing key: its source gives "
           "wrong answers; use a trust-root file"});
    return;
  }
  check_value(check, root->key);
  if (signed_by != nullptr) *signed_by = *root;
}

}  // namespace

TrustAnchor TrustAnchor::from_roots(std::shared_ptr<const TrustRoots> roots) {
  return TrustAnchor(State(std::move(roots)));
}

TrustAnchor TrustAnchor::from_public_key(PublicKey key) {
  return TrustAnchor(State(key));
}

Result<TrustAnchor> TrustAnchor::from_hmac_key(Secret key) {
  if (key.empty())
    return Error{ErrorCode::usage, "the HMAC key is empty; anybody could sign with it"};
  // Who has a public key could make an HMAC that "verifies" under its text.
  if (holds_pem(key.expose()))
    return Error{ErrorCode::usage,
                 "the HMAC key is a PEM file, whose text others may have: an HMAC key is a secret "
                 "of its own; for a public key use --public-key"};
  return TrustAnchor(State(std::make_shared<const Secret>(std::move(key))));
}

TrustAnchor::Kind TrustAnchor::kind() const noexcept {
  switch (state_.index()) {
    case 0:
      return Kind::trust_roots;
    case 1:
      return Kind::public_key;
    default:
      return Kind::hmac_key;
  }
}

Findings TrustAnchor::check(std::string_view canonical, const Signature& signature,
                            std::string_view expected_key_id, const Timestamp& created_at,
                            std::optional<TrustRoot>* signed_by) const {
  if (signed_by != nullptr) signed_by->reset();
  Check check{canonical, signature, expected_key_id, created_at, {}};
  if (const auto* roots = std::get_if<0>(&state_))
    check_with_roots(check, **roots, signed_by);
  else if (const auto* key = std::get_if<PublicKey>(&state_))
    check_with_public_key(check, *key);
  else
    check_with_hmac_key(check, *std::get<2>(state_));
  return std::move(check.findings);
}

}  // namespace cavra
