#include "blob_headers.hpp"

#include <string>

#include "blob_versions.hpp"
#include "cavra/support/encoding.hpp"
#include "cloud/object_metadata.hpp"
#include "policy_wire.hpp"

namespace cavra::azure {

namespace {

constexpr std::size_t kMaxMetadataBytes = 4096;  // of 8 KiB that the service takes

// Small letters and digits alone: their order in a signature is then beyond doubt.
std::string metadata_name(std::string_view name) {
  std::string kept;
  for (const char c : name)
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) kept += c;
  return kept;
}

Result<void> add_metadata(std::string_view json, http::Headers& headers) {
  CAVRA_TRY(const auto metadata, cloud::parse_metadata(json, kMaxMetadataBytes));
  for (const http::Header& each : metadata) {
    const std::string name = metadata_name(each.name);
    if (name.empty() || (name[0] >= '0' && name[0] <= '9'))
      return cloud::unfit_metadata("have " + quoted(each.name, 60) + ", which is no header");
    if (!each.value.empty()) headers.set("x-ms-meta-" + name, each.value);
  }
  return {};
}

}  // namespace

Result<http::Headers> blob_headers(const AzureSettings& settings, const sdk::PutRequest& request) {
  http::Headers headers;
  headers.add("x-ms-blob-content-type", request.media_type.empty()
                                            ? "application/octet-stream"
                                            : std::string(request.media_type));
  CAVRA_CHECK(add_metadata(request.metadata_json, headers));
  headers.set(std::string(kSha256Metadata), to_hex(request.sha256));
  if (!settings.encryption_scope.empty())
    headers.add("x-ms-encryption-scope", settings.encryption_scope);
  if (!settings.tier.empty()) headers.add("x-ms-access-tier", settings.tier);
  // Never locked by the put itself: what cannot be undone comes after it was read back.
  if (settings.policy_from == PolicyFrom::request) {
    const http::Headers policy = policy_headers(request.lock, PolicyMode::unlocked);
    for (const http::Header& header : policy.all())
      headers.add(header.name, header.value);
  }
  if (request.lock.legal_hold) headers.add(std::string(kHoldHeader), "true");
  return headers;
}

}  // namespace cavra::azure
