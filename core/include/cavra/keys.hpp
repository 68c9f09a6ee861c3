// Ed25519 keys: PEM in and out, fingerprints, strict verification.
//
// Key files are PKCS#8 (private) and SubjectPublicKeyInfo (public) PEM, RFC 8410 and RFC 7468, in
// DER with one spelling only. Encrypted keys are refused by name: this program asks for no
// passphrase. Values are immutable: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cavra/message_source.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"

namespace cavra {

// A key file larger than this is refused before it is read.
inline constexpr std::size_t kMaxKeyFileBytes = std::size_t{64} * 1024;

class PublicKey {
 public:
  // SubjectPublicKeyInfo PEM of an Ed25519 key that strict verification can use (it decodes to a
  // point that is not of small order). `where` names the file in messages. Errors: corrupt.
  [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem, std::string_view where);
  // The same in DER.
  [[nodiscard]] static Result<PublicKey> from_der(std::span<const std::byte> der,
                                                  std::string_view where);
  // 32 bytes, RFC 8032. Errors: corrupt.
  [[nodiscard]] static Result<PublicKey> from_raw(std::span<const std::byte> raw,
                                                  std::string_view where);

  [[nodiscard]] const std::array<std::byte, 32>& raw() const noexcept { return raw_; }
  // As OpenSSL writes it: 113 bytes, LF line ends, a final LF.
  [[nodiscard]] std::string pem() const;
  // v1's fingerprint: lower-case hex SHA-256 of pem()'s bytes (docs/spec/bundle-v1.md).
  [[nodiscard]] std::string fingerprint() const;

  // RFC 8032 without cofactor, S < L, canonical R and A, A not of small order. Not a bare bool
  // in spirit: callers turn false into a finding "signature does not fit".
  [[nodiscard]] bool verifies(std::span<const std::byte> message,
                              std::span<const std::byte> signature) const;

  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  explicit PublicKey(const std::array<std::byte, 32>& raw) : raw_(raw) {}
  std::array<std::byte, 32> raw_;
};

class PrivateKey {
 public:
  // From the system's random numbers. Errors: io.
  [[nodiscard]] static Result<PrivateKey> generate();
  // Unencrypted PKCS#8 PEM. Errors: corrupt; unsupported where the key is encrypted.
  [[nodiscard]] static Result<PrivateKey> from_pem(const Secret& pem, std::string_view where);
  [[nodiscard]] static Result<PrivateKey> from_der(std::span<const std::byte> der,
                                                   std::string_view where);
  // 32 bytes, RFC 8032's private key.
  [[nodiscard]] static Result<PrivateKey> from_seed(std::span<const std::byte> seed);

  [[nodiscard]] Secret pem() const;  // PKCS#8, as OpenSSL writes it
  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
  // Pure Ed25519: deterministic.
  [[nodiscard]] std::array<std::byte, 64> sign(std::span<const std::byte> message) const;
  // The same, going through the message twice.
  [[nodiscard]] std::array<std::byte, 64> sign(MessageSource& message) const;

 private:
  PrivateKey(Secret seed, PublicKey public_key) : seed_(std::move(seed)), public_key_(public_key) {}
  Secret seed_;
  PublicKey public_key_;
};

// Reads a whole small file. Errors: usage (not there, unreadable, no regular file, above
// `max_bytes`, a key given in place of a name), naming `path` but where it is a key.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes);

// Who chose a file that decides what is trusted.
enum class ChosenBy {
  config,  // it is the configuration, or named there: whoever may write it decides
  person,  // named for this run by whoever runs it: it may be somebody else's
};
// The same for a file that decides what is trusted: besides (usage) it must not be for others to
// write, everyone or a group that is not the user's own; one that the configuration chose must be
// the user's or root's, in a folder that not everyone may write. docs/spec/config.md has the rule.
[[nodiscard]] Result<std::string> read_trust_file(const std::string& path, std::size_t max_bytes,
                                                  ChosenBy chosen_by);
// The same into memory that wipes itself, as chosen by a person. For a private key
// (`require_private`) also refused (refused) where it is another user's, or group or others may
// read or write it.
[[nodiscard]] Result<Secret> read_secret_file(const std::string& path, std::size_t max_bytes,
                                              bool require_private);

// Whether what was given as a file's name is a key itself: it has a line break, or a line of PEM.
[[nodiscard]] bool is_key_text(std::string_view name);
// Whether a private key stands somewhere in a text, in PEM or as a line of it.
[[nodiscard]] bool holds_private_key(std::string_view text);
// Whether a PEM block begins somewhere in these bytes.
[[nodiscard]] bool holds_pem(std::span<const std::byte> bytes);
// Whether these first bytes of a file are those of a private key in PEM, of whatever kind; spaces,
// line ends and a byte order mark before it do not count.
[[nodiscard]] bool begins_private_key(std::span<const std::byte> bytes);

}  // namespace cavra
