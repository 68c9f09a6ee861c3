// Settings of one store on Azure Blob immutability, as the configuration has them. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "account_id.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::azure {

// What the lock belongs to.
enum class LockScope {
  version,    // each version has its policy, or inherits one
  container,  // one policy for all blobs of the container
};

// Where the policy of a version comes from.
enum class PolicyFrom {
  container,  // "inherit": the container's default; the uploader needs no right over policies
  request,    // "explicit": put unlocked, read back, then locked
};

// What the service checks each request's bytes by.
enum class Checksum { crc64, md5 };

inline constexpr std::string_view kManagementEndpoint = "https://management.azure.com";

struct AzureSettings {
  std::string container;
  std::string prefix;          // without a slash at either end; or empty
  std::string account;         // empty: the environment says
  std::string endpoint;        // the same
  std::string authentication;  // "auto", …
  std::string client_id;
  std::string tenant_id;
  std::string authority;
  std::string identity;
  sdk::LockMode mode = sdk::LockMode::compliance;
  LockScope scope = LockScope::version;
  PolicyFrom policy_from = PolicyFrom::container;
  AccountId account_id;  // of LockScope::container alone
  std::string management_endpoint = std::string(kManagementEndpoint);
  std::string management_audience;
  std::string encryption_scope;
  std::string tier;
  std::optional<Checksum> checksum;  // none: the endpoint says
  std::uint64_t block_bytes = std::uint64_t{8} << 20;
  std::uint64_t single_put_bytes = std::uint64_t{64} << 20;
  std::uint32_t sessions = 8;
  std::string ca_file;
};

inline constexpr std::string_view kSettingsSchema = R"({
  "$schema": "http://json-schema.org/draft-04/schema#",
  "type": "object",
  "properties": {
    "container": {
      "type": "string",
      "pattern": "^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$",
      "description": "A container with immutability (WORM). The only setting that is required."
    },
    "prefix": {
      "type": "string",
      "maxLength": 256,
      "pattern": "^[A-Za-z0-9_.=+/-]*$",
      "description": "What all names begin with, with or without a slash at its end."
    },
    "account": {
      "type": "string",
      "pattern": "^[a-z0-9]{3,24}$",
      "description": "The storage account. Default: AZURE_STORAGE_ACCOUNT, or the connection string's."
    },
    "endpoint": {
      "type": "string",
      "pattern": "^https?://[^/?#]+(/[^?#]*)?$",
      "description": "The blob service's address, for other clouds and servers. Default: AZURE_STORAGE_BLOB_ENDPOINT, the connection string's, https://ACCOUNT.blob.core.windows.net. Plain http to this machine alone."
    },
    "authentication": {
      "enum": ["auto", "workload_identity", "managed_identity", "app_service", "client_secret", "client_certificate", "az", "sas", "shared_key"],
      "description": "How to say who asks. auto: what the environment has, in this order: SAS, key (also of a connection string), workload identity, secret, certificate, App Service, the machine's identity; a key for an emulator alone. az: the login of the Azure CLI. Default: auto."
    },
    "client_id": {
      "type": "string",
      "pattern": "^[A-Za-z0-9-]{1,64}$",
      "description": "The identity's client id. Default: AZURE_CLIENT_ID."
    },
    "tenant_id": {
      "type": "string",
      "pattern": "^[A-Za-z0-9.-]{1,128}$",
      "description": "The tenant of the identity. Default: AZURE_TENANT_ID."
    },
    "authority": {
      "type": "string",
      "pattern": "^https?://[^/?#]+/?$",
      "description": "Who hands out tokens. Default: AZURE_AUTHORITY_HOST, https://login.microsoftonline.com."
    },
    "identity": {
      "type": "string",
      "minLength": 1,
      "maxLength": 512,
      "description": "What receipts call this store, the same for ever. Default: the container's address."
    },
    "mode": {
      "enum": ["locked", "unlocked"],
      "description": "locked: nobody shortens or removes the policy (compliance). unlocked: who has the right over policies may (governance). Default: locked."
    },
    "policy": {
      "enum": ["inherit", "explicit"],
      "description": "inherit: the container's default policy gives it, so that the uploader needs no right over policies. explicit: put unlocked, read back, then locked. Default: inherit."
    },
    "scope": {
      "enum": ["version", "container"],
      "description": "version: each object has its own policy, or inherits one (version-level immutability). container: the container's one policy holds for all in it. Default: version."
    },
    "account_id": {
      "type": "string",
      "pattern": "^/subscriptions/[A-Za-z0-9-]+/resourceGroups/[^/?#]*[^/?#.]/providers/Microsoft[.]Storage/storageAccounts/[a-z0-9]+$",
      "maxLength": 512,
      "description": "\"scope\": \"container\" needs it: the account as the management names it (az storage account show --query id)."
    },
    "management_endpoint": {
      "type": "string",
      "pattern": "^https?://[^/?#]+/?$",
      "description": "The management's address, for other clouds. Default: https://management.azure.com."
    },
    "management_audience": {
      "type": "string",
      "pattern": "^https://[A-Za-z0-9./-]+$",
      "maxLength": 256,
      "description": "Whom a token for the management is for. Default: management_endpoint."
    },
    "encryption_scope": {
      "type": "string",
      "pattern": "^[A-Za-z0-9-]{3,63}$",
      "description": "The encryption scope of what is put. Default: the container's."
    },
    "tier": {
      "enum": ["Hot", "Cool", "Cold"],
      "description": "The access tier of what is put. Default: the account's."
    },
    "checksum": {
      "enum": ["crc64", "md5"],
      "description": "What the service checks the bytes of each request by. crc64 takes a quarter of the time; emulators do not know it. Default: crc64, and md5 at an endpoint on this machine."
    },
    "block_bytes": {
      "type": "integer",
      "minimum": 1048576,
      "maximum": 4194304000,
      "description": "The length of a block of a large object. Default: 8 MiB; more where 50,000 blocks were too few."
    },
    "single_put_bytes": {
      "type": "integer",
      "minimum": 0,
      "maximum": 5242880000,
      "description": "What is longer is sent in blocks. Default: 64 MiB."
    },
    "sessions": {
      "type": "integer",
      "minimum": 1,
      "maximum": 64,
      "description": "Requests at once. Default: 8."
    },
    "ca_file": {
      "type": "string",
      "minLength": 1,
      "description": "Certificates (PEM) to check the server by, relative to the configuration file. Default: the system's."
    }
  },
  "required": ["container"],
  "additionalProperties": false
})";

// What emulators do not know, on this machine, is not sent unasked.
[[nodiscard]] Checksum checksum_for(const AzureSettings& settings, bool is_loopback);

// `base_folder` is where a relative file name starts from. Errors: usage.
[[nodiscard]] Result<AzureSettings> parse_settings(std::string_view json,
                                                   std::string_view base_folder);

}  // namespace cavra::azure
