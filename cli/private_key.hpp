// The private key of who runs the program: to sign evidence, or receipts; and the names of files
// that hold secrets.
#pragma once

#include <string>

#include "cavra/keys.hpp"
#include "cavra/support/result.hpp"
#include "command.hpp"

namespace cavra::cli {

// Errors: usage (not there, no Ed25519 private key, encrypted: that is not evidence that is wrong,
// but the caller's file), refused (others can read it, or it is another user's).
[[nodiscard]] Result<PrivateKey> read_private_key(const std::string& file);

// The value of an option that names a secret's file. Where no file is there the value may be the
// secret itself, so it is not repeated. Errors: usage.
[[nodiscard]] Result<std::string> secret_file_name(const Arguments& arguments,
                                                   const std::string& option);

}  // namespace cavra::cli
