// Where and as whom to ask: what the settings say, and what AZURE_… variables say where they do
// not.
//
// Asks nobody; files are read when a token is fetched.
#pragma once

#include <string>

#include "azure_identity.hpp"
#include "cavra/support/result.hpp"
#include "cloud/environment.hpp"

namespace cavra::azure {

// Of the settings; each may be empty.
struct AzureOptions {
  std::string account{};
  std::string endpoint{};
  std::string authentication{};  // "auto", …
  std::string client_id{};
  std::string tenant_id{};
  std::string authority{};
};

struct AzureEnvironment {
  std::string account;
  std::string blob_endpoint;
  AzureIdentity identity;
};

// With "auto" the first that is there counts. What is wrong with it is an error, and nothing after
// it is tried: nobody else than the one meant acts. Errors: usage, unsupported, refused (an
// account's key that nobody asked for); each names the variable, never its value.
[[nodiscard]] Result<AzureEnvironment> load_azure_environment(
    const AzureOptions& options, const cloud::Environment& environment);

}  // namespace cavra::azure
