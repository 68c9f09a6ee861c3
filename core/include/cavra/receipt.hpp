// A Receipt is the signed record of what was archived where, under which lock.
//
// An in-toto Statement v1 in a DSSE envelope, signed Ed25519 with the receipt key. That of an
// archive holds no clock of its own, so two runs write the same bytes; later acts on the lock
// follow it in receipts of their own. Format: docs/spec/receipt-v1.md.
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

// Where receipts are kept.
struct ReceiptFolders {
  std::filesystem::path receipts;
  std::filesystem::path staging;  // beside it; used where a file cannot be without a name
};

// How the digest of a stored object was shown.
enum class Proof : std::uint8_t {
  store_digest,  // the store's own digest of the stored bytes
  read_back,     // read from the store and hashed
};

[[nodiscard]] const char* to_string(Proof proof) noexcept;  // "store-digest", "read-back"

// One object as the store showed it. Its key is ReceiptFacts::member_key(member): it is not kept,
// because a bundle may have a million members.
struct ProvenObject {
  std::string member;  // path in the bundle; "manifest.json" for the manifest
  Digest sha256;
  std::uint64_t bytes = 0;
  std::string version;
  Lock lock;  // as read back
  std::optional<std::int64_t> stored_at_unix_s;
  Proof proof = Proof::read_back;

  friend bool operator==(const ProvenObject&, const ProvenObject&) = default;
};

// What was done to the locks of an archive, and signed for.
enum class ActKind : std::uint8_t { archive, retain, set_hold, clear_hold };

[[nodiscard]] const char* to_string(ActKind kind) noexcept;  // as in the enum

// An archive has a kind and nothing else: two runs write the same bytes.
struct Act {
  ActKind kind = ActKind::archive;
  std::optional<std::int64_t> claimed_at_unix_s;  // the acting program's clock
  // SHA-256 of the receipts that this one follows, sorted: those that no other one followed.
  std::vector<std::string> previous;
  std::string reason;  // for people; may be empty

  friend bool operator==(const Act&, const Act&) = default;
};

// What a receipt says beside its objects.
struct ReceiptFacts {
  Act act;
  std::string store;  // configured name
  std::string location;
  std::string store_identity;
  std::string plugin_id;
  std::string plugin_version;
  std::string plugin_sha256;
  std::string archive_prefix;  // "<prefix>/<session>/<manifest-sha256>/"
  std::string session_id;
  std::string manifest_sha256;
  std::string created_at;  // the bundle's, as written
  std::string evidence_key_id;
  std::string evidence_key_sha256;  // fingerprint; empty for HMAC
  std::string evidence_algorithm;
  std::string reference;  // --reference; may be empty
  Lock lock;              // that was asked for
  RetentionDate retention;

  [[nodiscard]] std::string bundle_prefix() const { return archive_prefix + "bundle/"; }
  [[nodiscard]] std::string member_key(std::string_view member) const;
  [[nodiscard]] std::string receipt_key(std::string_view receipt_sha256) const;

  friend bool operator==(const ReceiptFacts&, const ReceiptFacts&) = default;
};

struct Receipt : ReceiptFacts {
  std::vector<ProvenObject> objects;  // members in manifest order, the manifest last

  // The statement's bytes: compact JSON, one spelling.
  [[nodiscard]] std::string statement() const;
  // Takes exactly what statement() writes. Errors: corrupt, with JSON pointer and offset.
  [[nodiscard]] static Result<Receipt> from_statement(std::string_view statement);
};

// DSSE's pre-authentication encoding of a payload.
[[nodiscard]] std::string dsse_pae(std::string_view payload_type, std::string_view payload);

// The envelope's bytes: what lies in the store and the receipts folder. Errors: usage (the signer
// makes no Ed25519 signatures), and what it returns.
[[nodiscard]] Result<std::string> sign_receipt(const Receipt& receipt, const Signer& receipt_key);

struct CheckedReceipt {
  Receipt receipt;
  std::string sha256;       // of the envelope's bytes
  std::uint64_t bytes = 0;  // of the envelope
  std::string key_id;       // that the envelope names; proves nothing
  std::optional<TrustRoot> signed_by;
  // "receipt.signature", "receipt.trust", "receipt.revoked", "receipt.purpose", "receipt.window",
  // "receipt.form"; docs/findings.md.
  Findings findings;
};

// Whether a finding leaves open who wrote the receipt. One whose signature was checked still gives
// bytes back when a key was revoked or has run out since; with any other finding a stranger may
// have chosen what is given back under which name.
[[nodiscard]] bool makes_receipt_doubtful(const Finding& finding) noexcept;

// Whether what a receipt says counts for more than giving bytes back: it has no finding but that
// the evidence's own key was revoked ("receipt.evidence_revoked"). Such evidence is held all the
// more.
[[nodiscard]] bool counts(const CheckedReceipt& receipt) noexcept;

// Reads and checks an envelope, which may be up to 1 GiB: move it in. Without `roots` the form
// alone is checked and that is a finding. Errors: corrupt where it is no receipt at all.
[[nodiscard]] Result<CheckedReceipt> check_receipt(std::string envelope, const TrustRoots* roots);

}  // namespace cavra
