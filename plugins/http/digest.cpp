#include "digest.hpp"

#include <cryptopp/hmac.h>
#include <cryptopp/md5.h>
#include <cryptopp/sha.h>

namespace cavra::http {
namespace {

// Never null, so that an empty span can be passed where Crypto++ asserts on null.
const CryptoPP::byte* crypto_data(std::span<const std::byte> bytes) {
  static constexpr CryptoPP::byte kNothing = 0;
  return bytes.empty() ? &kNothing : reinterpret_cast<const CryptoPP::byte*>(bytes.data());
}

template <std::size_t kSize>
CryptoPP::byte* crypto_data(std::array<std::byte, kSize>& bytes) {
  return reinterpret_cast<CryptoPP::byte*>(bytes.data());
}

}  // namespace

Sha256Digest sha256(std::span<const std::byte> bytes) {
  Sha256Digest digest;
  CryptoPP::SHA256().CalculateDigest(crypto_data(digest), crypto_data(bytes), bytes.size());
  return digest;
}

Sha256Digest hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> bytes) {
  Sha256Digest tag;
  CryptoPP::HMAC<CryptoPP::SHA256>(crypto_data(key), key.size())
      .CalculateDigest(crypto_data(tag), crypto_data(bytes), bytes.size());
  return tag;
}

struct PartDigests::State {
  Wanted wanted;
  CryptoPP::SHA256 sha256;
  CryptoPP::Weak::MD5 md5;
  Crc64 crc64;
};

PartDigests::PartDigests(Wanted wanted) : state_(std::make_unique<State>()) {
  state_->wanted = wanted;
}
PartDigests::~PartDigests() = default;
PartDigests::PartDigests(PartDigests&&) noexcept = default;
PartDigests& PartDigests::operator=(PartDigests&&) noexcept = default;

void PartDigests::update(std::span<const std::byte> bytes) {
  if (state_->wanted.sha256) state_->sha256.Update(crypto_data(bytes), bytes.size());
  if (state_->wanted.md5) state_->md5.Update(crypto_data(bytes), bytes.size());
  if (state_->wanted.crc64) state_->crc64.update(bytes);
}

PartDigests::Result PartDigests::finish() {
  Result result;
  if (state_->wanted.sha256) state_->sha256.Final(crypto_data(result.sha256));
  if (state_->wanted.md5) state_->md5.Final(crypto_data(result.md5));
  if (state_->wanted.crc64) result.crc64 = state_->crc64.digest();
  return result;
}

}  // namespace cavra::http
