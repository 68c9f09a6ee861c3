// Turns an identity into a bearer token: asks Entra, or the machine.
#pragma once

#include <string_view>

#include "azure_identity.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cloud/renewed.hpp"

namespace cavra::azure {

// Whom a token is for: URLs, with a slash at their end.
inline constexpr std::string_view kStorageAudience = "https://storage.azure.com/";

// From any thread. Of an identity that is none of a bearer: internal. Errors, for people, never
// with a secret: usage (with what to change), forbidden (refused), unavailable, io; cancelled and
// timeout, by the call.
[[nodiscard]] Result<Token> fetch_token(const AzureIdentity& identity,
                                        const cloud::UnixClock& clock, const sdk::Call& call,
                                        std::string_view audience = kStorageAudience);

}  // namespace cavra::azure
