#include "store_info.hpp"

#include "raise_lock.hpp"

namespace cavra::s3 {

namespace {

constexpr std::int64_t kLongestAwsRetentionSeconds = std::int64_t{36500} * 86400;
// 10,000 parts of 5 GiB.
constexpr std::uint64_t kLargestObjectBytes = (std::uint64_t{5} << 30) * 10000;

std::vector<sdk::Right> rights_of(const S3Settings& settings) {
  std::vector<sdk::Right> rights{
      {"s3:PutObject", "put", "puts objects, and sends the parts of large ones"},
      {"s3:ListBucketVersions", "put", "finds what is there already, under other versions too"},
      {"s3:GetObjectVersion", "read", "reads back by version, and restores"},
      {"s3:GetObjectRetention", "read", "proves mode and date"},
      {"s3:GetObjectLegalHold", "read", "proves a legal hold"},
      {"s3:ListBucketMultipartUploads", "read", "tells uploads that were not ended"},
      {"s3:ListMultipartUploadParts", "put", "takes up the parts that a killed run has sent"},
      {"s3:AbortMultipartUpload", "put", "ends uploads that nobody needs"},
      {"s3:GetBucketObjectLockConfiguration", "read", "asks for Object Lock and the default rule"},
      {"s3:GetBucketVersioning", "read", "asks for versioning"},
      {"s3:PutObjectLegalHold", "hold", "sets and clears legal holds"},
  };
  const bool is_explicit = settings.lock_from == LockFrom::request;
  rights.push_back({"s3:PutObjectRetention", is_explicit ? "put" : "raise_lock",
                    is_explicit ? "sends the lock with each object, and makes it longer"
                                : "makes a lock longer; a put needs it only where a large object's "
                                  "lock is ignored"});
  if (settings.encryption.starts_with("aws:kms")) {
    rights.push_back({"kms:GenerateDataKey", "put", "encrypts with the configured key"});
    rights.push_back({"kms:Decrypt", "read", "reads back; large objects need it for a put, too"});
  }
  return rights;
}

}  // namespace

sdk::StoreInfo describe_store(const S3Settings& settings, const S3Address& address) {
  sdk::StoreInfo info;
  info.location = address.location(settings.prefix);
  info.identity = settings.identity.empty() ? address.identity() : settings.identity;
  info.key_prefix = settings.prefix;
  info.mode = settings.mode;
  info.has_versions = true;
  info.has_legal_hold = true;
  info.checks_sha256 = address.is_aws();
  info.last_retain_until_unix_s = last_date(address);
  if (address.is_aws()) info.longest_retention_s = kLongestAwsRetentionSeconds;
  info.largest_object_bytes = kLargestObjectBytes;
  info.sessions_wanted = settings.sessions;
  info.strength =
      settings.mode == sdk::LockMode::compliance
          ? "S3 Object Lock in compliance mode: nobody lifts it before its date, but who "
            "closes the account or runs the server"
          : "S3 Object Lock in governance mode: whoever has "
            "s3:BypassGovernanceRetention lifts it";
  info.rights = rights_of(settings);
  return info;
}

}  // namespace cavra::s3
