// A Receipt is the signed record of what was archived where, under which lock.
//
// An in-toto Statement v1 in a DSSE envelope, signed Ed25519 with the receipt key. It holds no
// clock of its own, so two runs write the same bytes. Format: docs/spec/receipt-v1.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/json.hpp"
#include "cavra/lock.hpp"
#include "cavra/retention.hpp"
#include "cavra/signer.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra {

inline constexpr std::string_view kReceiptPayloadType = "application/vnd.in-toto+json";
inline constexpr std::string_view kReceiptPredicateType = "https://cavra.dev/receipt/v1";
inline constexpr std::size_t kMaxReceiptBytes = std::size_t{1} << 30;

// One object as the store showed it.
struct ProvenObject {
  std::string key;
  std::string member;  // path in the bundle; "manifest.json" for the manifest
  Digest sha256;
  std::uint64_t bytes = 0;
  std::string version;
  Lock lock;  // as read back
  std::optional<std::int64_t> stored_at_unix_s;
  // How the digest was shown: "store-digest" (the store's own) or "read-back" (read and hashed).
  std::string proof;
};

struct Receipt {
  std::string store;            // configured name
  std::string location;
  std::string store_identity;
  std::string plugin_id;
  std::string plugin_version;
  std::string plugin_sha256;
  std::string archive_prefix;   // "<prefix>/<session>/<manifest-sha256>/"
  std::string session_id;
  std::string manifest_sha256;
  std::string created_at;       // the bundle's, as written
  std::string evidence_key_id;
  std::string evidence_key_sha256;  // fingerprint; empty for HMAC
  std::string evidence_algorithm;
  std::string reference;        // --reference; may be empty
  Lock lock;                    // the plan's
  RetentionDate retention;
  std::vector<ProvenObject> objects;  // members in manifest order, the manifest last

  // The statement's bytes: compact JSON.
  [[nodiscard]] std::string statement() const;
  // Errors: corrupt, with the JSON pointer.
  [[nodiscard]] static Result<Receipt> from_statement(std::string_view statement);
};

// DSSE's pre-authentication encoding of a payload.
[[nodiscard]] std::string dsse_pae(std::string_view payload_type, std::string_view payload);

// The envelope's bytes: what lies in the store and the receipts folder.
[[nodiscard]] Result<std::string> sign_receipt(const Receipt& receipt, const Signer& receipt_key);

struct CheckedReceipt {
  Receipt receipt;
  std::string sha256;           // of the envelope's bytes
  std::optional<TrustRoot> signed_by;
  Findings findings;            // "receipt.*": signature, purpose, revoked, form
};

// Reads and checks an envelope. Without `roots` the form alone is checked and that is a finding.
// Errors: corrupt where it is no receipt at all.
[[nodiscard]] Result<CheckedReceipt> check_receipt(std::string_view envelope,
                                                   const TrustRoots* roots);

}  // namespace cavra
