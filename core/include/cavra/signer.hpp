// Signer is the interface of whatever signs a manifest or a receipt.
//
// Const calls are safe from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/keys.hpp"
#include "cavra/message_source.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"

namespace cavra {

struct Signature {
  std::string algorithm;          // "SHA256", "HS256", "Ed25519"
  std::string key_id;             // empty where the algorithm has none
  std::string public_key_sha256;  // fingerprint; empty where the algorithm has none
  std::vector<std::byte> value;   // raw bytes: 32, 32, 64

  // As the manifest has it: hex for SHA256, else base64.
  [[nodiscard]] std::string value_text() const;

  friend bool operator==(const Signature&, const Signature&) = default;
};

class Signer {
 public:
  virtual ~Signer() = default;
  [[nodiscard]] virtual std::string_view key_id() const = 0;
  [[nodiscard]] virtual std::string_view algorithm() const = 0;
  // Errors: io, unavailable (a signer may be a remote service).
  [[nodiscard]] virtual Result<Signature> sign(std::span<const std::byte> message) const = 0;
  // The same signature of a message that comes in pieces, which a signer may go through more than
  // once. Where it cannot, all of it is held in memory. Errors: as sign().
  [[nodiscard]] virtual Result<Signature> sign_pieces(MessageSource& message) const;
};

// Key id "": the fingerprint's first 16 digits.
[[nodiscard]] std::unique_ptr<Signer> make_ed25519_signer(PrivateKey key, std::string key_id);
[[nodiscard]] std::unique_ptr<Signer> make_hmac_signer(Secret key);
// No key at all: a digest that anybody can make ("SHA256").
[[nodiscard]] std::unique_ptr<Signer> make_digest_signer();

}  // namespace cavra
