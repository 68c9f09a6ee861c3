// Settings of one store on S3 Object Lock, as the configuration has them. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::s3 {

// Where the lock of an object comes from.
enum class LockFrom {
  request,  // "explicit": sent with each object
  bucket,   // "inherit": the bucket's default rule; the uploader needs no s3:PutObjectRetention
};

struct S3Settings {
  std::string bucket;
  std::string prefix;      // without a slash at either end; or empty
  std::string region;      // empty: AWS's own configuration says
  std::string endpoint;    // the same
  std::string addressing;  // "auto", "path" or "virtual"
  std::optional<std::string> profile;
  std::string identity;  // empty: made of bucket and endpoint
  sdk::LockMode mode = sdk::LockMode::compliance;
  LockFrom lock_from = LockFrom::request;
  std::string encryption;  // "AES256", "aws:kms", "aws:kms:dsse"; empty: the bucket's own
  std::string kms_key_id;
  std::string expected_bucket_owner;  // 12 digits
  std::string storage_class;
  std::uint64_t part_bytes = std::uint64_t{8} << 20;
  std::uint64_t single_put_bytes = std::uint64_t{64} << 20;
  std::uint32_t sessions = 8;
  bool sends_md5 = false;
  std::string ca_file;  // absolute; empty: AWS's own configuration says
};

// JSON schema (draft-04) of the settings; the host checks them against it.
inline constexpr std::string_view kSettingsSchema = R"({
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "Settings of an s3-object-lock store",
  "type": "object",
  "properties": {
    "bucket": {
      "type": "string",
      "pattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
      "description": "The bucket, made with Object Lock."
    },
    "prefix": {
      "type": "string",
      "maxLength": 256,
      "pattern": "^[A-Za-z0-9!_.*'()/=@+-]*$",
      "description": "What all keys begin with; with or without a slash at its end. Default: none."
    },
    "region": {
      "type": "string",
      "pattern": "^[a-z0-9-]{1,32}$",
      "description": "The bucket's region. Default: AWS_REGION, the profile's, or us-east-1."
    },
    "endpoint": {
      "type": "string",
      "pattern": "^https?://[A-Za-z0-9._:-]+/?$",
      "description": "Of a server that is not AWS, say. Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's, or AWS. http:// to this machine alone."
    },
    "addressing": {
      "enum": ["auto", "path", "virtual"],
      "description": "Where the bucket's name goes: into the path or the host. auto (default): the host, but for IP addresses and names with dots."
    },
    "profile": {
      "type": "string",
      "minLength": 1,
      "description": "The profile of ~/.aws. Default: AWS_PROFILE."
    },
    "identity": {
      "type": "string",
      "minLength": 1,
      "maxLength": 512,
      "description": "What receipts call this store. Default: the bucket's ARN, elsewhere than at AWS s3://HOST/BUCKET."
    },
    "mode": {
      "enum": ["COMPLIANCE", "GOVERNANCE"],
      "description": "COMPLIANCE (default): nobody lifts the lock. GOVERNANCE: s3:BypassGovernanceRetention does."
    },
    "lock": {
      "enum": ["explicit", "inherit"],
      "description": "explicit (default): the lock is sent with each object. inherit: the bucket's default rule gives it, and must be long enough."
    },
    "encryption": {
      "enum": ["AES256", "aws:kms", "aws:kms:dsse"],
      "description": "Default: as the bucket has it."
    },
    "kms_key_id": {
      "type": "string",
      "minLength": 1,
      "maxLength": 2048,
      "description": "The KMS key, with encryption aws:kms or aws:kms:dsse."
    },
    "expected_bucket_owner": {
      "type": "string",
      "pattern": "^[0-9]{12}$",
      "description": "The account that the bucket must belong to."
    },
    "storage_class": {
      "type": "string",
      "pattern": "^[A-Z_]{1,32}$",
      "description": "Default: STANDARD."
    },
    "part_bytes": {
      "type": "integer",
      "minimum": 5242880,
      "maximum": 5368709120,
      "description": "Of one part of a large object: 5 MiB to 5 GiB. Default: 8 MiB, more where 10,000 parts were too few."
    },
    "single_put_bytes": {
      "type": "integer",
      "minimum": 0,
      "maximum": 5368709120,
      "description": "What is longer is sent in parts. Default: 64 MiB."
    },
    "sessions": {
      "type": "integer",
      "minimum": 1,
      "maximum": 64,
      "description": "Requests at once. Default: 8."
    },
    "checksum": {
      "enum": ["sha256", "md5"],
      "description": "md5: Content-MD5 beside the SHA-256, for servers that check nothing else. Default: sha256."
    },
    "ca_file": {
      "type": "string",
      "minLength": 1,
      "description": "Certificates (PEM) to check the server by, relative to the configuration file. Default: AWS_CA_BUNDLE, the profile's, or the system's."
    }
  },
  "required": ["bucket"],
  "additionalProperties": false
})";

// `base_folder` is where a relative file name starts from. Errors: usage.
[[nodiscard]] Result<S3Settings> parse_settings(std::string_view json,
                                                std::string_view base_folder);

}  // namespace cavra::s3
