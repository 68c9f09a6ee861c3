// Who signed a receipt, and whether that key may.
#include <algorithm>

#include "archive/envelope.hpp"
#include "cavra/receipt.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

namespace {

Finding finding(std::string_view code, std::string message) {
  return {"receipt." + std::string(code), "", std::move(message)};
}

// A receipt was not signed before what it speaks of, and not before the time that it claims: one
// that claims an earlier time than it was signed at gains nothing by it.
Timestamp not_before(const Receipt& receipt) {
  Timestamp latest{receipt.act.claimed_at_unix_s.value_or(kMinUnixSeconds), 0};
  if (const auto created = parse_rfc3339(receipt.created_at))
    latest = std::max(latest, created->at);
  for (const ProvenObject& object : receipt.objects) {
    if (object.stored_at_unix_s) latest = std::max(latest, Timestamp{*object.stored_at_unix_s, 0});
  }
  return latest;
}

// The root that this key id names. Another root may revoke the same key under another id, so the
// second question is by fingerprint too.
Result<TrustRoot> find_root(const TrustRoots& roots, const std::string& key_id) {
  CAVRA_TRY(const TrustRoot named, roots.find(key_id, "", KeyPurpose::receipt));
  return roots.find(key_id, named.key.fingerprint(), KeyPurpose::receipt);
}

Finding why_not_found(const TrustRoots& roots, const std::string& key_id, const Error& error) {
  if (roots.find(key_id, "", KeyPurpose::evidence))
    return finding("purpose", "the key " + quoted(key_id) + " in " + quoted(roots.name()) +
                                  " is for evidence, and never verifies a receipt; sign receipts "
                                  "with a key of their own");
  return finding("trust", "the receipt's key is not trusted: " + printable(error.message, 2000));
}

// Why a root does not stand for this receipt, though its key is known.
void check_root(const TrustRoot& root, const Receipt& receipt, Findings& findings) {
  if (root.purpose != KeyPurpose::receipt)
    findings.push_back(finding("purpose", "the key " + quoted(root.key_id) +
                                              " is for evidence, and never verifies a receipt"));
  if (root.status == KeyStatus::revoked) {
    findings.push_back(finding("revoked", "the key " + quoted(root.key_id) +
                                              " is revoked: nothing that it signed is believed"));
    return;
  }
  const Timestamp since = not_before(receipt);
  if (root.valid_until && since > root.valid_until->at)
    findings.push_back(finding("window", "the key " + quoted(root.key_id) + " was valid until " +
                                             format_utc(root.valid_until->at) +
                                             ", and the receipt speaks of " + format_utc(since)));
}

void check_signature(const engine::SignedStatement& envelope, const TrustRoots* roots,
                     CheckedReceipt& checked) {
  if (roots == nullptr) {
    checked.findings.push_back(finding(
        "trust", "no trust root for receipts was given: who signed this receipt is not checked"));
    return;
  }
  auto root = find_root(*roots, envelope.key_id);
  if (!root) {
    checked.findings.push_back(why_not_found(*roots, envelope.key_id, root.error()));
    return;
  }
  checked.signed_by = *root;
  check_root(*root, checked.receipt, checked.findings);
  if (!root->key.verifies(as_bytes(envelope.pae), envelope.signature))
    checked.findings.push_back(
        finding("signature", "the signature does not fit the receipt and the key " +
                                 quoted(root->key_id) + ": it was changed, or another key signed"));
}

// What a receipt says of itself that cannot be so, whoever signed it.
void check_locks(const Receipt& receipt, Findings& findings) {
  for (const ProvenObject& object : receipt.objects) {
    const std::string key = receipt.member_key(object.member);
    if (!is_sufficient(object.lock, receipt.lock))
      findings.push_back({"receipt.form", key,
                          "the receipt records " + describe(object.lock) + ", which is less than " +
                              describe(receipt.lock) + " that it promises"});
    if (receipt.act.kind == ActKind::clear_hold && object.lock.legal_hold)
      findings.push_back({"receipt.form", key,
                          "the receipt says that the legal hold was cleared, and records one"});
  }
}

}  // namespace

bool makes_receipt_doubtful(const Finding& finding) noexcept {
  return finding.code != "receipt.revoked" && finding.code != "receipt.window" &&
         finding.code != "receipt.evidence_revoked";
}

bool counts(const CheckedReceipt& receipt) noexcept {
  return std::ranges::all_of(receipt.findings, [](const Finding& finding) {
    return finding.code == "receipt.evidence_revoked";
  });
}

Result<CheckedReceipt> check_receipt(std::string envelope, const TrustRoots* roots) {
  CheckedReceipt checked;
  checked.sha256 = sha256(envelope).hex();
  checked.bytes = envelope.size();
  CAVRA_TRY(const engine::SignedStatement parts, engine::read_envelope(std::move(envelope)));
  checked.key_id = parts.key_id;
  CAVRA_TRY(checked.receipt, Receipt::from_statement(parts.payload()));
  check_signature(parts, roots, checked);
  check_locks(checked.receipt, checked.findings);
  return checked;
}

}  // namespace cavra
