// PEM of one key, as RFC 7468 has it in its strict form: one spelling for one value.
//
// Taken: LF or CR LF line ends, empty lines around the block, no line end after the last line.
// Refused: text around it, spaces, header lines, base64 lines that are not 64 characters, a byte
// order mark, a second block. Bodies may be secret, so they live in Secret and no message quotes
// them. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"

namespace cavra::trust {

struct PemBlock {
  std::string label;  // as in the file: "PRIVATE KEY"; not yet safe to print
  Secret body;
};

// `where` names the file in messages. Errors: corrupt; unsupported where the block is encrypted in
// the form before PKCS#8 ("Proc-Type: 4,ENCRYPTED").
[[nodiscard]] Result<PemBlock> decode_pem(std::string_view text, std::string_view where);

// As OpenSSL writes it: lines of 64, LF, a final LF.
[[nodiscard]] Secret encode_pem(std::string_view label, std::span<const std::byte> body);

// "<where>: <problem>", with `where` made safe to print.
[[nodiscard]] Error key_error(std::string_view where, std::string_view problem,
                              ErrorCode code = ErrorCode::corrupt);

// The words for an encrypted key, whatever its form.
[[nodiscard]] Error encrypted_key_error(std::string_view where);

}  // namespace cavra::trust
