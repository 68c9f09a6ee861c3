// Trust roots: the public keys that a verifier already trusts, with owner, status, window, purpose.
//
// Format: docs/spec/trust-root-v1.md. Immutable after loading: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

// A trust-root file larger than this is refused before it is read.
inline constexpr std::size_t kMaxTrustRootFileBytes = std::size_t{16} << 20;

enum class KeyPurpose { evidence, receipt };
enum class KeyStatus { active, retired, revoked };

[[nodiscard]] const char* to_string(KeyPurpose purpose) noexcept;
[[nodiscard]] const char* to_string(KeyStatus status) noexcept;
[[nodiscard]] Result<KeyPurpose> parse_key_purpose(std::string_view text);  // Errors: usage
[[nodiscard]] Result<KeyStatus> parse_key_status(std::string_view text);    // Errors: usage

struct TrustRoot {
  std::string key_id;
  std::string owner;
  KeyStatus status = KeyStatus::active;
  KeyPurpose purpose = KeyPurpose::evidence;
  PublicKey key;
  OffsetTimestamp valid_from;
  std::optional<OffsetTimestamp> valid_until;  // inclusive; a retired root has one

  // v1's member order does not matter; `purpose` is left out where it is evidence.
  [[nodiscard]] JsonValue to_json() const;
  // Checks schema, product, algorithm, types, PEM against fingerprint, window (until ≥ from, an
  // end where retired). `where` is file and JSON pointer for messages. Errors: corrupt.
  [[nodiscard]] static Result<TrustRoot> from_json(const JsonValue& value, std::string_view where);

  // Empty where this key verifies what was created at `created_at`; else why not ("revoked",
  // "not valid before …", "not valid after …").
  [[nodiscard]] std::string why_not_at(const Timestamp& created_at) const;
};

// Where verification looks up a key. Const calls are safe from any thread.
class TrustRoots {
 public:
  virtual ~TrustRoots() = default;
  // The root with this key id *and* fingerprint for this purpose. A revoked entry of the same key
  // or of the same key id wins over any other, so that a caller sees the revocation. An empty
  // `key_id` matches by fingerprint alone, an empty `fingerprint` by key id alone (a receipt's
  // envelope names no more; the key found there may be revoked under another id, and that wins
  // too). Errors: not_found, with what there is instead.
  [[nodiscard]] virtual Result<TrustRoot> find(std::string_view key_id,
                                               std::string_view fingerprint,
                                               KeyPurpose purpose) const = 0;
  // What they are called in messages: a file name.
  [[nodiscard]] virtual std::string_view name() const = 0;
};

// One root or a v1 trust-root bundle in a file.
class FileTrustRoots final : public TrustRoots {
 public:
  // Errors: usage (file not there, unreadable, too large; others may write it, as
  // read_trust_file() judges by who chose it; not a trust-root file), corrupt (no root
  // in it; a doubled key id; one key for both purposes; any root that TrustRoot::from_json
  // refuses).
  [[nodiscard]] static Result<FileTrustRoots> load(const std::string& path,
                                                   ChosenBy chosen_by = ChosenBy::config);
  [[nodiscard]] static Result<FileTrustRoots> parse(std::string_view text, std::string_view name);

  [[nodiscard]] Result<TrustRoot> find(std::string_view key_id, std::string_view fingerprint,
                                       KeyPurpose purpose) const override;
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::span<const TrustRoot> all() const noexcept { return roots_; }

 private:
  std::string name_;
  std::vector<TrustRoot> roots_;
};

// The v1 trust-root bundle of these roots, sorted by key id. Errors: usage (none; a doubled id;
// what FileTrustRoots would refuse to read).
[[nodiscard]] Result<JsonValue> make_trust_root_bundle(std::span<const TrustRoot> roots,
                                                       const OffsetTimestamp& created_at);

}  // namespace cavra
