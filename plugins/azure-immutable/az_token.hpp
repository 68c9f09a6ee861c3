// A token of who is logged in with the Azure CLI: for people at a terminal.
//
// Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "azure_identity.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::azure {

// Runs "az account get-access-token", for at most `limit`. What it says on stderr goes there.
// Errors, never with what was printed: usage (no such program, nobody is logged in), io (it prints
// no token, or does not end); cancelled and timeout, by the call.
[[nodiscard]] Result<Token> fetch_az_token(
    const AzLogin& login, const std::string& resource, std::int64_t now_unix_s,
    const sdk::Call& call, std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace cavra::azure
