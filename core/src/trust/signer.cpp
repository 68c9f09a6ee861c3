#include "cavra/signer.hpp"

#include "cavra/hasher.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

namespace {

std::vector<std::byte> to_vector(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

class Ed25519Signer final : public Signer {
 public:
  Ed25519Signer(PrivateKey key, std::string key_id)
      : key_(std::move(key)),
        fingerprint_(key_.public_key().fingerprint()),
        key_id_(key_id.empty() ? fingerprint_.substr(0, 16) : std::move(key_id)) {}

  [[nodiscard]] std::string_view key_id() const override { return key_id_; }
  [[nodiscard]] std::string_view algorithm() const override { return "Ed25519"; }
  [[nodiscard]] Result<Signature> sign(std::span<const std::byte> message) const override {
    return made(key_.sign(message));
  }
  [[nodiscard]] Result<Signature> sign_pieces(MessageSource& message) const override {
    return made(key_.sign(message));
  }

 private:
  [[nodiscard]] Signature made(std::span<const std::byte> value) const {
    return {.algorithm = "Ed25519",
            .key_id = key_id_,
            .public_key_sha256 = fingerprint_,
            .value = to_vector(value)};
  }

  PrivateKey key_;
  std::string fingerprint_;
  std::string key_id_;
};

class HmacSigner final : public Signer {
 public:
  explicit HmacSigner(Secret key) : key_(std::move(key)) {}

  [[nodiscard]] std::string_view key_id() const override { return ""; }
  [[nodiscard]] std::string_view algorithm() const override { return "HS256"; }
  [[nodiscard]] Result<Signature> sign(std::span<const std::byte> message) const override {
    return Signature{.algorithm = "HS256",
                     .key_id = {},
                     .public_key_sha256 = {},
                     .value = to_vector(hmac_sha256(key_, message).span())};
  }

 private:
  Secret key_;
};

class DigestSigner final : public Signer {
 public:
  [[nodiscard]] std::string_view key_id() const override { return ""; }
  [[nodiscard]] std::string_view algorithm() const override { return "SHA256"; }
  [[nodiscard]] Result<Signature> sign(std::span<const std::byte> message) const override {
    return Signature{.algorithm = "SHA256",
                     .key_id = {},
                     .public_key_sha256 = {},
                     .value = to_vector(sha256(message).span())};
  }
};

}  // namespace

Result<Signature> Signer::sign_pieces(MessageSource& message) const {
  std::string whole;
  message.rewind();
  for (std::string_view piece = message.next(); !piece.empty(); piece = message.next())
    whole += piece;
  return sign(as_bytes(whole));
}

std::string Signature::value_text() const {
  return algorithm == "SHA256" ? to_hex(value) : to_base64(value);
}

std::unique_ptr<Signer> make_ed25519_signer(PrivateKey key, std::string key_id) {
  return std::make_unique<Ed25519Signer>(std::move(key), std::move(key_id));
}

std::unique_ptr<Signer> make_hmac_signer(Secret key) {
  return std::make_unique<HmacSigner>(std::move(key));
}

std::unique_ptr<Signer> make_digest_signer() {
  return std::make_unique<DigestSigner>();
}

}  // namespace cavra
