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
extern const std::string_view kSettingsSchema;

// `base_folder` is where a relative file name starts from. Errors: usage.
[[nodiscard]] Result<S3Settings> parse_settings(std::string_view json,
                                                std::string_view base_folder);

}  // namespace cavra::s3
