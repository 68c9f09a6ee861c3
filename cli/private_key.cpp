#include "private_key.hpp"

#include "cavra/support/encoding.hpp"

namespace cavra::cli {

namespace {

// Others may read a public key: its rights are not what is wrong with it here.
bool is_public_key(const std::string& file) {
  const auto pem = read_secret_file(file, kMaxKeyFileBytes, false);
  return pem && PublicKey::from_pem(as_text(pem->expose()), file);
}

}  // namespace

Result<PrivateKey> read_private_key(const std::string& file) {
  const auto pem = read_secret_file(file, kMaxKeyFileBytes, true);
  if (!pem && pem.error().code == ErrorCode::refused && is_public_key(file))
    return Error{ErrorCode::usage,
                 printable(file) + ": is a public key, where the private key is wanted"};
  if (!pem) return pem.error();
  auto key = PrivateKey::from_pem(*pem, file);
  if (!key && key.error().code == ErrorCode::corrupt) key.error().code = ErrorCode::usage;
  return key;
}

}  // namespace cavra::cli
