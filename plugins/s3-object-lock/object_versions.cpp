#include "object_versions.hpp"

#include <algorithm>
#include <charconv>

#include "cavra/support/encoding.hpp"
#include "http/http_date.hpp"

namespace cavra::s3 {

namespace {

constexpr std::uint32_t kPageEntries = 1000;
constexpr std::size_t kMostPagesBetween = 3;
// 1,000 entries with keys of a kibibyte, each byte of them percent-encoded.
constexpr std::size_t kMaxPageBytes = std::size_t{6} << 20;

QueryParameters query_of(std::string_view subresource, std::string_view version) {
  QueryParameters query = version_query(version);
  query.emplace_back(subresource, "");
  return query;
}

Result<std::uint64_t> content_length(const http::Response& response) {
  const std::string_view text = response.headers.get("content-length");
  std::uint64_t length = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (!text.empty() && problem == std::errc() && end == text.data() + text.size()) return length;
  return Error{ErrorCode::io, "the service tells no length of the object"};
}

// The service's own digest of the whole object. Others than AWS give back what they were sent; a
// digest of parts' digests ends in "-N".
std::optional<sdk::Sha256> checked_sha256(const S3Service& service, const http::Headers& headers) {
  if (!service.address().is_aws()) return std::nullopt;
  if (headers.get("x-amz-checksum-type") == "COMPOSITE") return std::nullopt;
  const auto bytes = from_base64(headers.get("x-amz-checksum-sha256"));
  sdk::Sha256 digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

// "No lock" has two names, and a status of its own.
bool says_no_lock(const http::Response& response) {
  const std::string code = service_error(response).code;
  return code == "NoSuchObjectLockConfiguration" || code == "ObjectLockConfigurationNotFoundError";
}

}  // namespace

QueryParameters version_query(std::string_view version) {
  if (version.empty()) return {};
  return {{"versionId", std::string(version)}};
}

Result<ShownVersion> shown_version(const S3Service& service, const http::Response& head) {
  ShownVersion shown;
  shown.version = head.headers.get("x-amz-version-id");
  CAVRA_TRY(shown.length, content_length(head));
  // Elsewhere (Ceph) it is when the lock was changed last.
  if (service.address().is_aws())
    shown.stored_at_unix_s = http::parse_http_date(head.headers.get("last-modified"));
  shown.checked_sha256 = checked_sha256(service, head.headers);
  shown.claimed_sha256 = head.headers.get(kSha256Metadata);
  CAVRA_TRY(shown.lock, shown_lock(head.headers));
  return shown;
}

Result<ShownVersion> head_version(const Asking& ask, std::string_view key,
                                  std::string_view version) {
  CAVRA_TRY(const http::Response response, ask({.doing = "look at",
                                                .action = "s3:GetObjectVersion",
                                                .method = "HEAD",
                                                .key = std::string(key),
                                                .query = version_query(version),
                                                .headers = {{"x-amz-checksum-mode", "ENABLED"}}}));
  return shown_version(ask.service, response);
}

Result<sdk::Lock> get_retention(const Asking& ask, std::string_view key, std::string_view version) {
  CAVRA_TRY(const http::Response response, ask({.doing = "ask for the retention of",
                                                .action = "s3:GetObjectRetention",
                                                .method = "GET",
                                                .key = std::string(key),
                                                .query = query_of("retention", version),
                                                .answers = {404}}));
  if (response.is_success()) return parse_retention(response.body);
  if (says_no_lock(response)) return sdk::Lock{};
  return to_error(service_error(response), "ask for the retention of " + quoted(key),
                  "s3:GetObjectRetention");
}

Result<bool> get_legal_hold(const Asking& ask, std::string_view key, std::string_view version) {
  CAVRA_TRY(const http::Response response, ask({.doing = "ask for the legal hold of",
                                                .action = "s3:GetObjectLegalHold",
                                                .method = "GET",
                                                .key = std::string(key),
                                                .query = query_of("legal-hold", version),
                                                .answers = {404}}));
  if (response.is_success()) return parse_legal_hold(response.body);
  if (says_no_lock(response)) return false;
  return to_error(service_error(response), "ask for the legal hold of " + quoted(key),
                  "s3:GetObjectLegalHold");
}

Result<LockConfiguration> get_lock_configuration(const Asking& ask) {
  CAVRA_TRY(const http::Response response, ask({.doing = "ask for the lock configuration of",
                                                .action = "s3:GetBucketObjectLockConfiguration",
                                                .method = "GET",
                                                .key = {},
                                                .query = {{"object-lock", ""}},
                                                .answers = {404}}));
  if (response.is_success()) return parse_lock_configuration(response.body);
  const ServiceError said = service_error(response);
  if (said.code == "ObjectLockConfigurationNotFoundError") return LockConfiguration{};
  return to_error(said, "ask for the lock configuration of the bucket",
                  "s3:GetBucketObjectLockConfiguration");
}

namespace {

// What both listings are asked by: they differ in the words.
struct ListingWords {
  std::string_view subresource;
  std::string_view id_marker;
  std::string_view limit;
  std::string_view doing;
  std::string_view action;
};
constexpr ListingWords kVersions{"versions", "version-id-marker", "max-keys",
                                 "list the versions in", "s3:ListBucketVersions"};
constexpr ListingWords kUploads{"uploads", "upload-id-marker", "max-uploads", "list the uploads in",
                                "s3:ListBucketMultipartUploads"};

Ask listing(const ListingWords& words, std::string_view prefix, const ListingPlace& after,
            std::uint32_t limit) {
  QueryParameters query{{std::string(words.subresource), ""},
                        {"encoding-type", "url"},
                        {std::string(words.limit), std::to_string(std::min(limit, kPageEntries))},
                        {"prefix", std::string(prefix)}};
  if (!after.key.empty()) query.emplace_back("key-marker", after.key);
  if (!after.id.empty()) query.emplace_back(words.id_marker, after.id);
  return {.doing = words.doing,
          .action = words.action,
          .method = "GET",
          .key = {},
          .query = std::move(query),
          .max_body_bytes = kMaxPageBytes};
}

// A service that never ends a listing would be listened to for ever.
template <class Entry, class List, class Take>
Result<void> for_each(ListingPlace place, const List& list, const Take& take) {
  for (;;) {
    CAVRA_TRY(ListingPage<Entry> page, list(place));
    for (Entry& entry : page.entries)
      CAVRA_CHECK(take(std::move(entry)));
    if (!page.next) return {};
    if (page.next->key < place.key || *page.next == place)
      return Error{ErrorCode::io, "the service's listing goes back to " +
                                      quoted(page.next->key, 100) + " and would not end"};
    place = *std::move(page.next);
  }
}

}  // namespace

Result<ListingPage<ListedVersion>> list_versions(const Asking& ask, std::string_view prefix,
                                                 const ListingPlace& after, std::uint32_t limit) {
  CAVRA_TRY(const http::Response response, ask(listing(kVersions, prefix, after, limit)));
  CAVRA_TRY(ListingPage<ListedVersion> page, parse_versions(response.body));
  if (!ask.service.address().is_aws())  // as in head_version()
    for (ListedVersion& version : page.entries)
      version.stored_at_unix_s.reset();
  return page;
}

Result<ListingPage<ListedUpload>> list_uploads(const Asking& ask, std::string_view prefix,
                                               const ListingPlace& after, std::uint32_t limit) {
  CAVRA_TRY(const http::Response response, ask(listing(kUploads, prefix, after, limit)));
  return parse_uploads(response.body);
}

Result<void> for_each_version(const Asking& ask, std::string_view prefix, const TakeVersion& take) {
  return for_each<ListedVersion>(
      {},
      [&](const ListingPlace& after) { return list_versions(ask, prefix, after, kPageEntries); },
      take);
}

namespace {

// The first `length` bytes or a few less: services answer for no half of a character.
std::string_view whole_characters(std::string_view text, std::size_t length) {
  const auto is_within = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
  };
  while (length > 0 && is_within(length))
    --length;
  return text.substr(0, length);
}

}  // namespace

Result<bool> for_versions_between(const Asking& ask, std::string_view first, std::string_view last,
                                  const std::function<void(const ListedVersion&)>& take) {
  const auto shared = std::ranges::mismatch(first, last).in1 - first.begin();
  const std::string_view prefix = whole_characters(first, static_cast<std::size_t>(shared));
  // A listing begins behind its marker, and this one's next neighbours are `first` and the like.
  ListingPlace begin;
  if (prefix.size() < first.size()) begin.key = whole_characters(first, first.size() - 1);
  std::size_t pages = 0;
  bool is_whole = true;
  CAVRA_CHECK(for_each<ListedVersion>(
      std::move(begin),
      [&](const ListingPlace& after) -> Result<ListingPage<ListedVersion>> {
        CAVRA_TRY(auto page, list_versions(ask, prefix, after, kPageEntries));
        const bool is_past = !page.entries.empty() && page.entries.back().key > last;
        is_whole = is_past || !page.next || ++pages < kMostPagesBetween;
        if (is_past || !is_whole) page.next.reset();
        return page;
      },
      [&](const ListedVersion& listed) -> Result<void> {
        take(listed);
        return {};
      }));
  return is_whole;
}

Result<void> for_each_upload(const Asking& ask, std::string_view prefix, const TakeUpload& take) {
  return for_each<ListedUpload>(
      {}, [&](const ListingPlace& after) { return list_uploads(ask, prefix, after, kPageEntries); },
      take);
}

}  // namespace cavra::s3
