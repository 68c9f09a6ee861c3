// Shared Key: what is signed of a request with the account's key, and the signature.
//
// https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key. Pure: any thread.
#pragma once

#include <string>

#include "authorizer.hpp"
#include "cavra/support/secret.hpp"

namespace cavra::azure {

// `request` with its x-ms-date.
[[nodiscard]] std::string string_to_sign(const UnauthorizedRequest& request,
                                         const std::string& account);
// "SharedKey account:signature"
[[nodiscard]] std::string shared_key_authorization(const UnauthorizedRequest& request,
                                                   const std::string& account, const Secret& key);

}  // namespace cavra::azure
