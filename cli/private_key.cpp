#include "private_key.hpp"

namespace cavra::cli {

Result<PrivateKey> read_private_key(const std::string& file) {
  CAVRA_TRY(const Secret pem, read_secret_file(file, kMaxKeyFileBytes, true));
  auto key = PrivateKey::from_pem(pem, file);
  if (!key && key.error().code == ErrorCode::corrupt) key.error().code = ErrorCode::usage;
  return key;
}

}  // namespace cavra::cli
