#include "object_headers.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "cloud/object_metadata.hpp"
#include "lock_wire.hpp"
#include "object_versions.hpp"

namespace cavra::s3 {

namespace {

constexpr std::size_t kMaxMetadataBytes = 2048;  // of AWS, names and values together

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<void> add_metadata(std::string_view json, http::Headers& headers) {
  CAVRA_TRY(const auto metadata, cloud::parse_metadata(json, kMaxMetadataBytes));
  for (const http::Header& each : metadata) {
    if (!is_name(each.name))
      return cloud::unfit_metadata("have " + quoted(each.name, 60) + ", which is no header");
    headers.set("x-amz-meta-" + each.name, each.value);
  }
  return {};
}

}  // namespace

Result<http::Headers> object_headers(const S3Settings& settings, const sdk::PutRequest& request) {
  http::Headers headers;
  headers.add("content-type", request.media_type.empty() ? "application/octet-stream"
                                                         : std::string(request.media_type));
  CAVRA_CHECK(add_metadata(request.metadata_json, headers));
  headers.set(kSha256Metadata, to_hex(request.sha256));
  if (!settings.encryption.empty())
    headers.add("x-amz-server-side-encryption", settings.encryption);
  if (!settings.kms_key_id.empty())
    headers.add("x-amz-server-side-encryption-aws-kms-key-id", settings.kms_key_id);
  if (!settings.storage_class.empty()) headers.add("x-amz-storage-class", settings.storage_class);
  sdk::Lock lock = request.lock;
  // The bucket's rule gives mode and date; a hold is the object's own.
  if (settings.lock_from == LockFrom::bucket) lock.retain_until_unix_s.reset();
  const http::Headers of_lock = lock_headers(lock);
  for (const http::Header& header : of_lock.all())
    headers.add(header.name, header.value);
  return headers;
}

}  // namespace cavra::s3
