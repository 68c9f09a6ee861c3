// The JSON that comes back where a token is asked for.
//
// Errors: io (it is no token, or never ends), without anything that stands there. Pure: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "azure_identity.hpp"
#include "cavra/support/result.hpp"

namespace cavra::azure {

// Entra's and a machine's. `now_unix_s`: what "expires_in" counts from.
[[nodiscard]] Result<Token> parse_token(std::string_view json, std::int64_t now_unix_s);
// What "az account get-access-token" prints. Older ones tell the end in local time alone.
[[nodiscard]] Result<Token> parse_az_token(std::string_view json, std::int64_t now_unix_s);

// What a refusal says, in words that are safe to show: its description may repeat what was sent.
struct TokenRefusal {
  std::string error;  // "invalid_client" (RFC 6749, section 5.2); or empty
  std::string codes;  // Entra's: "AADSTS7000215"; several with blanks; or empty
};
[[nodiscard]] TokenRefusal parse_token_refusal(std::string_view json);

}  // namespace cavra::azure
