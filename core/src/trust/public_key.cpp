#include <cryptopp/donna.h>

#include <algorithm>

#include "cavra/hasher.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "trust/crypto_bytes.hpp"
#include "trust/ed25519_checks.hpp"
#include "trust/key_der.hpp"
#include "trust/key_label.hpp"
#include "trust/pem.hpp"

namespace cavra {

using trust::key_error;
using trust::PointProblem;

Result<PublicKey> PublicKey::from_pem(std::string_view pem, std::string_view where) {
  CAVRA_TRY(const trust::PemBlock block, trust::decode_pem(pem, where));
  if (block.label != trust::kPublicLabel)
    return key_error(where, trust::describe_label(block.label, trust::kPublicLabel));
  return from_der(block.body.expose(), where);
}

Result<PublicKey> PublicKey::from_der(std::span<const std::byte> der, std::string_view where) {
  if (const auto raw = trust::read_public_key_der(der)) return from_raw(*raw, where);
  if (trust::read_private_key_der(der))
    return key_error(where, trust::describe_label(trust::kPrivateLabel, trust::kPublicLabel));
  return key_error(where, trust::describe_der(der).text);
}

Result<PublicKey> PublicKey::from_raw(std::span<const std::byte> raw, std::string_view where) {
  if (raw.size() != 32)
    return key_error(where, "is " + std::to_string(raw.size()) +
                                " bytes long, and an Ed25519 public key has 32");
  switch (trust::check_ed25519_point(raw.first<32>())) {
    case PointProblem::none:
      break;
    case PointProblem::not_canonical:
      return key_error(where, "is no Ed25519 public key: its coordinate is not below 2^255 - 19");
    case PointProblem::small_order:
      return key_error(where,
                       "is an Ed25519 key of small order, under which signatures that "
                       "nobody made would hold; never trust it");
    case PointProblem::not_on_curve:
      return key_error(where,
                       "is no Ed25519 public key: no point of the curve has this "
                       "coordinate");
  }
  std::array<std::byte, 32> copy{};
  std::ranges::copy(raw, copy.begin());
  return PublicKey(copy);
}

std::string PublicKey::pem() const {
  const auto der = trust::write_public_key_der(raw_);
  return std::string(as_text(trust::encode_pem(trust::kPublicLabel, der).expose()));
}

std::string PublicKey::fingerprint() const {
  return sha256(pem()).hex();
}

bool PublicKey::verifies(std::span<const std::byte> message,
                         std::span<const std::byte> signature) const {
  // A was checked when this key was made. Crypto++ compares R byte for byte, so a spelling of R
  // that is not canonical fails there.
  if (signature.size() != 64) return false;
  if (!trust::is_ed25519_scalar(signature.last<32>())) return false;
  return CryptoPP::Donna::ed25519_sign_open(trust::crypto_data(message), message.size(),
                                            trust::crypto_data(raw_),
                                            trust::crypto_data(signature)) == 0;
}

}  // namespace cavra
