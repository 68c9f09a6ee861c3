// The private key of who runs the program: to sign evidence, or receipts.
#pragma once

#include <string>

#include "cavra/keys.hpp"
#include "cavra/support/result.hpp"

namespace cavra::cli {

// Errors: usage (not there, no Ed25519 private key, encrypted: that is not evidence that is wrong,
// but the caller's file), refused (others can read it).
[[nodiscard]] Result<PrivateKey> read_private_key(const std::string& file);

}  // namespace cavra::cli
