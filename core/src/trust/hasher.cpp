#include "cavra/hasher.hpp"

#include <cryptopp/hmac.h>
#include <cryptopp/misc.h>
#include <cryptopp/sha.h>

#include "cavra/support/encoding.hpp"
#include "trust/crypto_bytes.hpp"

namespace cavra {

namespace {

// Crypto++ chooses the SHA instructions of the processor at run time.
template <class Algorithm>
class CryptoppHasher final : public Hasher {
 public:
  explicit CryptoppHasher(std::string_view name) : name_(name) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  void update(std::span<const std::byte> data) override {
    algorithm_.Update(trust::crypto_data(data), data.size());
  }
  [[nodiscard]] Digest finish() override {
    static_assert(Algorithm::DIGESTSIZE <= sizeof(Digest::bytes));
    Digest digest;
    digest.size = Algorithm::DIGESTSIZE;
    algorithm_.Final(trust::crypto_data(digest.bytes));
    return digest;
  }

 private:
  std::string_view name_;
  Algorithm algorithm_;
};

}  // namespace

std::string Digest::hex() const {
  return to_hex(span());
}

std::optional<Digest> Digest::from_hex(std::string_view text) {
  if (text.size() != 64 && text.size() != 128) return std::nullopt;
  const auto bytes = cavra::from_hex(text);
  if (!bytes) return std::nullopt;
  Digest digest;
  digest.size = bytes->size();
  std::copy(bytes->begin(), bytes->end(), digest.bytes.begin());
  return digest;
}

std::unique_ptr<Hasher> make_sha256() {
  return std::make_unique<CryptoppHasher<CryptoPP::SHA256>>("SHA-256");
}

std::unique_ptr<Hasher> make_sha512() {
  return std::make_unique<CryptoppHasher<CryptoPP::SHA512>>("SHA-512");
}

Digest sha256(std::span<const std::byte> data) {
  CryptoppHasher<CryptoPP::SHA256> hasher("SHA-256");
  hasher.update(data);
  return hasher.finish();
}

Digest sha256(std::string_view text) {
  return sha256(as_bytes(text));
}

Digest hmac_sha256(const Secret& key, std::span<const std::byte> data) {
  CryptoPP::HMAC<CryptoPP::SHA256> hmac(trust::crypto_data(key.expose()), key.size());
  hmac.Update(trust::crypto_data(data), data.size());
  Digest digest;
  digest.size = CryptoPP::SHA256::DIGESTSIZE;
  hmac.Final(trust::crypto_data(digest.bytes));
  return digest;
}

bool equal_constant_time(std::span<const std::byte> a, std::span<const std::byte> b) {
  if (a.size() != b.size()) return false;
  return CryptoPP::VerifyBufsEqual(trust::crypto_data(a), trust::crypto_data(b), a.size());
}

}  // namespace cavra
