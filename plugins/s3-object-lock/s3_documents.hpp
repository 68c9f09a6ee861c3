// The XML of listings, uploads and the bucket's own settings, as S3 writes it.
//
// What is parsed is bounded by the answer's size; nothing in it is believed to be a key that one
// may use. Pure: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::s3 {

// A version or a delete marker of ListObjectVersions.
struct ListedVersion {
  std::string key;
  std::string version;
  bool is_delete_marker = false;
  bool is_latest = false;
  std::uint64_t length = 0;
  std::optional<std::int64_t> stored_at_unix_s;
};

// An upload of ListMultipartUploads.
struct ListedUpload {
  std::string key;
  std::string id;
  std::optional<std::int64_t> begun_at_unix_s;
};

// Where a listing goes on: what comes after this key, and after this version or upload of it.
struct ListingPlace {
  std::string key;
  std::string id;
  friend bool operator==(const ListingPlace&, const ListingPlace&) = default;
};

template <class Entry>
struct ListingPage {
  std::vector<Entry> entries;
  std::optional<ListingPlace> next;  // none: it was the last
};

// Errors of all: io, for what is no such document, lacks a member, or says that there is more
// and not where.
[[nodiscard]] Result<ListingPage<ListedVersion>> parse_versions(std::string_view xml);
[[nodiscard]] Result<ListingPage<ListedUpload>> parse_uploads(std::string_view xml);

struct ListedPart {
  std::uint32_t number = 0;
  std::uint64_t length = 0;
  std::string etag;             // with its quotation marks
  std::string checksum_sha256;  // base64, where the service has it
};
struct PartsPage {
  std::vector<ListedPart> parts;
  std::optional<std::uint32_t> next;  // the part number after which it goes on
};
[[nodiscard]] Result<PartsPage> parse_parts(std::string_view xml);

// The id of <InitiateMultipartUploadResult>.
[[nodiscard]] Result<std::string> parse_upload_id(std::string_view xml);

struct SentPart {
  std::uint32_t number = 0;
  std::string etag;
  std::string checksum_sha256;
};
[[nodiscard]] std::string complete_document(const std::vector<SentPart>& parts);
// Whether it is a <CompleteMultipartUploadResult>: a status of 200 may come with an <Error>.
[[nodiscard]] bool is_complete_result(std::string_view xml);

// The bucket's default rule: mode, and how long.
struct DefaultRetention {
  sdk::LockMode mode = sdk::LockMode::none;
  std::int32_t days = 0;
  std::int32_t years = 0;

  // As the service counts it from that moment on, rounded down to whole days: 365 days a year.
  [[nodiscard]] std::int64_t seconds() const;
  [[nodiscard]] std::string text() const;  // "COMPLIANCE, 30 days"
};
struct LockConfiguration {
  bool is_enabled = false;
  std::optional<DefaultRetention> rule;
};
[[nodiscard]] Result<LockConfiguration> parse_lock_configuration(std::string_view xml);
// "Enabled", "Suspended" or "".
[[nodiscard]] Result<std::string> parse_versioning(std::string_view xml);
// "AES256", "aws:kms", …; "" where the document has no rule.
[[nodiscard]] Result<std::string> parse_encryption(std::string_view xml);

}  // namespace cavra::s3
