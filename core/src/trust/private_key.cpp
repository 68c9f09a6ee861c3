#include <cryptopp/donna.h>
#include <sys/random.h>

#include <cerrno>
#include <istream>
#include <streambuf>
#include <system_error>

#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "trust/crypto_bytes.hpp"
#include "trust/key_der.hpp"
#include "trust/key_label.hpp"
#include "trust/pem.hpp"

namespace cavra {

using trust::key_error;

namespace {

// What Crypto++ reads a message from, twice: it asks where it is, and goes back there.
class MessageBuffer final : public std::streambuf {
 public:
  explicit MessageBuffer(MessageSource& message) : message_(message) {}

 protected:
  int_type underflow() override {
    const std::string_view piece = message_.next();
    if (piece.empty()) return traits_type::eof();
    piece_ = piece;  // a get area may be written to, so it has to be ours
    setg(piece_.data(), piece_.data(), piece_.data() + piece_.size());
    return traits_type::to_int_type(piece_.front());
  }
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    // Told at the beginning alone.
    const bool is_begin = offset == 0 && from == std::ios_base::cur && gptr() == nullptr;
    return is_begin ? pos_type(0) : pos_type(off_type(-1));
  }
  pos_type seekpos(pos_type to, std::ios_base::openmode) override {
    if (to != pos_type(0)) return {off_type(-1)};
    message_.rewind();
    setg(nullptr, nullptr, nullptr);
    return to;
  }

 private:
  MessageSource& message_;
  std::string piece_;
};

}  // namespace

Result<PrivateKey> PrivateKey::generate() {
  Secret seed(32);
  const auto bytes = seed.expose_for_writing();
  // getrandom(2): up to 256 bytes come whole once the pool is ready; a signal may come before.
  ssize_t got = -1;
  do
    got = ::getrandom(bytes.data(), bytes.size(), 0);
  while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(bytes.size()))
    return Error{ErrorCode::io, "make a key: the system gives no random numbers (" +
                                    std::generic_category().message(errno) + ")"};
  return from_seed(seed.expose());
}

Result<PrivateKey> PrivateKey::from_pem(const Secret& pem, std::string_view where) {
  CAVRA_TRY(const trust::PemBlock block, trust::decode_pem(as_text(pem.expose()), where));
  if (block.label == trust::kEncryptedLabel) return trust::encrypted_key_error(where);
  if (block.label != trust::kPrivateLabel)
    return key_error(where, trust::describe_label(block.label, trust::kPrivateLabel));
  return from_der(block.body.expose(), where);
}

Result<PrivateKey> PrivateKey::from_der(std::span<const std::byte> der, std::string_view where) {
  if (const auto seed = trust::read_private_key_der(der)) return from_seed(*seed);
  if (trust::read_public_key_der(der))
    return key_error(where, trust::describe_label(trust::kPublicLabel, trust::kPrivateLabel));
  const trust::DerDescription what = trust::describe_der(der);
  if (what.is_encrypted) return trust::encrypted_key_error(where);
  return key_error(where, what.text);
}

Result<PrivateKey> PrivateKey::from_seed(std::span<const std::byte> seed) {
  if (seed.size() != 32)
    return Error{ErrorCode::corrupt, "an Ed25519 private key has 32 bytes, and this one has " +
                                         std::to_string(seed.size())};
  std::array<std::byte, 32> raw{};
  CryptoPP::Donna::ed25519_publickey(trust::crypto_data(raw), trust::crypto_data(seed));
  CAVRA_TRY(const PublicKey public_key, PublicKey::from_raw(raw, "public key"));
  return PrivateKey(Secret(seed), public_key);
}

Secret PrivateKey::pem() const {
  const Secret der = trust::write_private_key_der(seed_.expose().first<32>());
  return trust::encode_pem(trust::kPrivateLabel, der.expose());
}

std::array<std::byte, 64> PrivateKey::sign(std::span<const std::byte> message) const {
  std::array<std::byte, 64> signature{};
  CryptoPP::Donna::ed25519_sign(
      trust::crypto_data(message), message.size(), trust::crypto_data(seed_.expose()),
      trust::crypto_data(public_key_.raw()), trust::crypto_data(signature));
  return signature;
}

std::array<std::byte, 64> PrivateKey::sign(MessageSource& message) const {
  message.rewind();
  MessageBuffer buffer(message);
  std::istream stream(&buffer);
  std::array<std::byte, 64> signature{};
  CryptoPP::Donna::ed25519_sign(stream, trust::crypto_data(seed_.expose()),
                                trust::crypto_data(public_key_.raw()),
                                trust::crypto_data(signature));
  return signature;
}

}  // namespace cavra
