#include "object_headers.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "cavra/support/encoding.hpp"
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

// Services make other characters of what is not ASCII.
bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Error unfit(std::string_view why) {
  return {ErrorCode::usage, "the object's metadata " + std::string(why)};
}

Result<void> add_metadata(std::string_view json, http::Headers& headers) {
  if (json.empty()) return {};
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return unfit("are no JSON object");
  std::size_t bytes = 0;
  for (const auto& member : document.GetObject()) {
    const std::string name =
        http::lower_case(std::string_view(member.name.GetString(), member.name.GetStringLength()));
    if (!member.value.IsString() || !is_name(name))
      return unfit("have " + quoted(name, 60) + ", which is no header");
    std::string value(member.value.GetString(), member.value.GetStringLength());
    if (!is_value(value)) value = printable(value, 1024);
    bytes += name.size() + value.size();
    if (is_value(value)) headers.set("x-amz-meta-" + name, std::move(value));
  }
  return bytes <= kMaxMetadataBytes ? Result<void>{} : unfit("are longer than 2 KiB");
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
