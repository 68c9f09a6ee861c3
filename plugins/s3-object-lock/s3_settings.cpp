#include "s3_settings.hpp"

#include <rapidjson/document.h>

#include <filesystem>
#include <utility>

namespace cavra::s3 {

const std::string_view kSettingsSchema = R"({
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

namespace {

// The host has checked types and values against the schema.
class Members {
 public:
  explicit Members(const rapidjson::Document& document) : document_(document) {}

  [[nodiscard]] std::string text(const char* name, std::string_view otherwise = {}) const {
    const auto member = document_.FindMember(name);
    if (member == document_.MemberEnd() || !member->value.IsString()) return std::string(otherwise);
    return {member->value.GetString(), member->value.GetStringLength()};
  }
  [[nodiscard]] std::uint64_t number(const char* name, std::uint64_t otherwise) const {
    const auto member = document_.FindMember(name);
    return member != document_.MemberEnd() && member->value.IsUint64() ? member->value.GetUint64()
                                                                       : otherwise;
  }
  [[nodiscard]] bool has(const char* name) const { return document_.HasMember(name); }

 private:
  const rapidjson::Document& document_;
};

Error wrong(std::string_view member, std::string_view why) {
  return {ErrorCode::usage, "/" + std::string(member) + ": " + std::string(why)};
}

// Keys are built of parts between single slashes, none of them "." or "..".
Result<std::string> parse_prefix(std::string prefix) {
  if (prefix.ends_with('/')) prefix.pop_back();
  std::size_t begin = 0;
  while (!prefix.empty() && begin <= prefix.size()) {
    const std::size_t end = std::min(prefix.find('/', begin), prefix.size());
    const std::string_view part(prefix.data() + begin, end - begin);
    if (part.empty() || part == "." || part == "..")
      return wrong("prefix", "its parts between slashes are names, not empty, \".\" or \"..\"");
    begin = end + 1;
  }
  return prefix;
}

Result<void> check_together(const S3Settings& settings) {
  if (!settings.kms_key_id.empty() && !settings.encryption.starts_with("aws:kms"))
    return wrong("kms_key_id", "it needs \"encryption\": \"aws:kms\" or \"aws:kms:dsse\"");
  if (settings.bucket.find("..") != std::string::npos)
    return wrong("bucket", "a bucket's name has no two dots in a row");
  if (settings.single_put_bytes != 0 && settings.single_put_bytes < settings.part_bytes &&
      settings.single_put_bytes < (std::uint64_t{5} << 20))
    return wrong("single_put_bytes", "below 5 MiB there are no parts: 0, or at least 5242880");
  return {};
}

}  // namespace

Result<S3Settings> parse_settings(std::string_view json, std::string_view base_folder) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject())
    return Error{ErrorCode::usage, "the settings are no JSON object"};
  const Members members(document);
  S3Settings settings;
  settings.bucket = members.text("bucket");
  if (settings.bucket.empty()) return wrong("bucket", "it is missing");
  CAVRA_TRY(settings.prefix, parse_prefix(members.text("prefix")));
  settings.region = members.text("region");
  settings.endpoint = members.text("endpoint");
  settings.addressing = members.text("addressing");
  if (members.has("profile")) settings.profile = members.text("profile");
  settings.identity = members.text("identity");
  settings.mode = members.text("mode", "COMPLIANCE") == "COMPLIANCE" ? sdk::LockMode::compliance
                                                                     : sdk::LockMode::governance;
  settings.lock_from =
      members.text("lock", "explicit") == "explicit" ? LockFrom::request : LockFrom::bucket;
  settings.encryption = members.text("encryption");
  settings.kms_key_id = members.text("kms_key_id");
  settings.expected_bucket_owner = members.text("expected_bucket_owner");
  settings.storage_class = members.text("storage_class");
  settings.part_bytes = members.number("part_bytes", settings.part_bytes);
  settings.single_put_bytes = members.number("single_put_bytes", settings.single_put_bytes);
  settings.sessions = static_cast<std::uint32_t>(members.number("sessions", settings.sessions));
  settings.sends_md5 = members.text("checksum") == "md5";
  if (const std::string file = members.text("ca_file"); !file.empty())
    settings.ca_file = (std::filesystem::path(base_folder) / file).string();
  CAVRA_CHECK(check_together(settings));
  return settings;
}

}  // namespace cavra::s3
