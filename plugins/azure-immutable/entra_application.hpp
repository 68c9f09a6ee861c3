// Applications of Entra, as settings and environment name them: by the token of another issuer, a
// secret, or a certificate.
//
// Asks nobody; files are read when a token is fetched. None: the environment has nothing of the
// kind. Errors: usage, unsupported (a certificate with a password); each names the variable, never
// its value. Any thread.
#pragma once

#include <optional>

#include "azure_environment.hpp"

namespace cavra::azure {

using FoundIdentity = Result<std::optional<AzureIdentity>>;

[[nodiscard]] FoundIdentity find_federated(const AzureOptions& options,
                                           const cloud::Environment& environment);
[[nodiscard]] FoundIdentity find_client_secret(const AzureOptions& options,
                                               const cloud::Environment& environment);
[[nodiscard]] FoundIdentity find_certificate(const AzureOptions& options,
                                             const cloud::Environment& environment);

// A client's or a tenant's: `text` becomes a part of a URL, of a token, or of a program's words.
[[nodiscard]] Result<void> check_id(const char* variable, std::string_view text);

}  // namespace cavra::azure
