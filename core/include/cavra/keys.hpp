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

 private:
  PrivateKey(Secret seed, PublicKey public_key) : seed_(std::move(seed)), public_key_(public_key) {}
  Secret seed_;
  PublicKey public_key_;
};

// Reads a whole small file. Errors: usage (not there, unreadable, no regular file, above
// `max_bytes`), naming `path`.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes);
// The same into memory that wipes itself. For a private key: also refused (refused) where group or
// others may read or write the file (`require_private`).
[[nodiscard]] Result<Secret> read_secret_file(const std::string& path, std::size_t max_bytes,
                                              bool require_private);

}  // namespace cavra
