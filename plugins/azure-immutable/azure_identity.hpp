// Who asks: what settings and environment say of it, before anybody was asked. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "cavra/support/secret.hpp"

namespace cavra::azure {

// A bearer token.
struct Token {
  Secret value;
  std::optional<std::int64_t> expires_unix_s;
};

// The account's own key: it may do everything in the account.
struct SharedKey {
  Secret key;  // as bytes, not as base64
};

// A shared access signature, as it stands in a query.
struct Sas {
  Secret token;
};

// An application as Entra knows it.
struct EntraApplication {
  std::string authority;  // URL without a slash at its end
  std::string tenant_id;  // or a domain of it
  std::string client_id;
};

// An application that shows the token of another issuer: a CI system's, Kubernetes's.
struct FederatedIdentity {
  EntraApplication application;
  std::string token_file;
};

// An application with a password.
struct ClientSecret {
  EntraApplication application;
  Secret secret;
};

// An application with a certificate and its key, in one file. It is read anew for each token.
struct CertificateIdentity {
  EntraApplication application;
  std::string file;
};

// Of a virtual machine: its metadata service is asked.
struct ManagedIdentity {
  std::string endpoint;   // URL without a path
  std::string client_id;  // empty: the only one
};

// Of App Service, Functions and Container Apps.
struct AppServiceIdentity {
  std::string endpoint;  // URL
  Secret header;
  std::string client_id;  // empty: the only one
};

// Who is logged in with the Azure CLI.
struct AzLogin {
  std::string tenant_id;  // empty: the CLI's own
};

struct AzureIdentity {
  std::variant<SharedKey, Sas, FederatedIdentity, ClientSecret, CertificateIdentity,
               ManagedIdentity, AppServiceIdentity, AzLogin>
      way;
  std::string place;  // where it was found: "AZURE_STORAGE_KEY"

  [[nodiscard]] bool is_shared_key() const { return std::holds_alternative<SharedKey>(way); }
  // Whether it gets tokens, as Azure's management takes alone.
  [[nodiscard]] bool is_bearer() const {
    return !is_shared_key() && !std::holds_alternative<Sas>(way);
  }
  // For people: "the account's key (AZURE_STORAGE_KEY)".
  [[nodiscard]] std::string describe() const;
};

}  // namespace cavra::azure
