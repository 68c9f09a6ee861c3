// The JSON that comes back where a token is asked for. Pure: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "azure_identity.hpp"
#include "cavra/support/result.hpp"

namespace cavra::azure {

// `now_unix_s`: what "expires_in" counts from. Errors: io (it is no token, or never ends).
[[nodiscard]] Result<Token> parse_token(std::string_view json, std::int64_t now_unix_s);
// The "error" of a refusal, a word such as "invalid_client"; or empty.
[[nodiscard]] std::string parse_token_error(std::string_view json);

}  // namespace cavra::azure
