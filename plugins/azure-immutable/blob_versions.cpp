#include "blob_versions.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/http_date.hpp"
#include "policy_wire.hpp"

namespace cavra::azure {

namespace {

constexpr std::uint32_t kPageEntries = 5000;
// Each with 8 KiB of metadata at most, anybody's: all of it escaped, or some two thousand elements.
// A page of all sessions at once is in memory.
constexpr std::uint32_t kMetadataEntries = 16;
// 5,000 entries with names of a kibibyte, escaped, and their properties.
constexpr std::size_t kMaxPageBytes = std::size_t{40} << 20;

Result<std::uint64_t> content_length(const http::Response& response) {
  const std::string_view text = response.headers.get("content-length");
  std::uint64_t length = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (!text.empty() && problem == std::errc() && end == text.data() + text.size()) return length;
  return Error{ErrorCode::io, "the service tells no length of the blob"};
}

}  // namespace

http::QueryParameters version_query(std::string_view version) {
  if (version.empty()) return {};
  return {{"versionid", std::string(version)}};
}

Result<ShownBlob> shown_blob(std::string_view key, std::string_view version,
                             const http::Response& head) {
  ShownBlob shown;
  shown.version = head.headers.get("x-ms-version-id");
  // A server that does not know of versions answers for another one than it was asked for.
  if (!version.empty() && shown.version != version)
    return Error{ErrorCode::unproven, quoted(key) +
                                          ": asked for one version, the service answered with " +
                                          (shown.version.empty() ? "none" : "another one")};
  shown.etag = head.headers.get("etag");
  shown.is_current = shown.version.empty() || head.headers.get("x-ms-is-current-version") == "true";
  CAVRA_TRY(shown.length, content_length(head));
  shown.stored_at_unix_s = http::parse_http_date(head.headers.get("last-modified"));
  shown.age = {.created_at_unix_s = http::parse_http_date(head.headers.get("x-ms-creation-time")),
               .is_block_blob = head.headers.get("x-ms-blob-type") == "BlockBlob"};
  CAVRA_TRY(shown.lock, lock_of(head.headers));
  return shown;
}

Result<ShownBlob> head_blob(const Asking& ask, std::string_view key, std::string_view version) {
  CAVRA_TRY(const http::Response response, ask({.doing = "look at",
                                                .action = kReadBlobs,
                                                .method = "HEAD",
                                                .key = std::string(key),
                                                .query = version_query(version)}));
  return shown_blob(key, version, response);
}

Result<BlobPage> list_blobs(const Asking& ask, Listing what, std::string_view prefix,
                            std::string_view marker, std::uint32_t limit) {
  const bool with_metadata = what == Listing::with_metadata;
  const std::uint32_t most = with_metadata ? kMetadataEntries : kPageEntries;
  http::QueryParameters query{
      {"restype", "container"},
      {"comp", "list"},
      {"include", with_metadata ? "versions,uncommittedblobs,metadata,immutabilitypolicy,legalhold"
                                : "versions,uncommittedblobs,immutabilitypolicy,legalhold"},
      {"maxresults", std::to_string(std::min(limit, most))}};
  if (!prefix.empty()) query.emplace_back("prefix", prefix);
  if (!marker.empty()) query.emplace_back("marker", marker);
  CAVRA_TRY(const http::Response response, ask({.doing = "list the blobs in",
                                                .action = kReadBlobs,
                                                .method = "GET",
                                                .key = {},
                                                .query = std::move(query),
                                                .max_body_bytes = kMaxPageBytes}));
  return parse_blob_page(response.body);
}

Result<void> for_each_blob(const Asking& ask, Listing what, std::string_view prefix,
                           const std::function<Result<void>(ListedBlob)>& take) {
  std::string marker;
  std::string last_name;
  std::size_t empty_pages = 0;
  for (;;) {
    CAVRA_TRY(BlobPage page, list_blobs(ask, what, prefix, marker, kPageEntries));
    if (!page.blobs.empty() && page.blobs.front().name < last_name)
      return Error{ErrorCode::io, "the service's listing goes back to " +
                                      quoted(page.blobs.front().name, 100) + " and would not end"};
    empty_pages = page.blobs.empty() ? empty_pages + 1 : 0;
    if (!page.blobs.empty()) last_name = page.blobs.back().name;
    for (ListedBlob& blob : page.blobs)
      if (!blob.is_uncommitted && !blob.is_deleted) CAVRA_CHECK(take(std::move(blob)));
    if (page.next.empty()) return {};
    if (page.next == marker || empty_pages > kMostEmptyPages)
      return Error{ErrorCode::io, "the service's listing stands still and would not end"};
    marker = std::move(page.next);
  }
}

Result<void> set_policy(const Asking& ask, std::string_view key, std::string_view version,
                        const sdk::Lock& lock) {
  http::QueryParameters query = version_query(version);
  query.emplace_back("comp", "immutabilityPolicies");
  const PolicyMode mode =
      lock.mode == sdk::LockMode::compliance ? PolicyMode::locked : PolicyMode::unlocked;
  CAVRA_TRY([[maybe_unused]] const http::Response response,
            ask({.doing = "set the immutability policy of",
                 .action = kPolicies,
                 .method = "PUT",
                 .key = std::string(key),
                 .query = std::move(query),
                 .headers = policy_headers(lock, mode)}));
  return {};
}

Result<void> set_hold(const Asking& ask, std::string_view key, std::string_view version,
                      bool is_on) {
  http::QueryParameters query = version_query(version);
  query.emplace_back("comp", "legalhold");
  CAVRA_TRY([[maybe_unused]] const http::Response response,
            ask({.doing = is_on ? "set the legal hold of" : "clear the legal hold of",
                 .action = kPolicies,
                 .method = "PUT",
                 .key = std::string(key),
                 .query = std::move(query),
                 .headers = {{std::string(kHoldHeader), is_on ? "true" : "false"}}}));
  return {};
}

Result<void> raise_policy(const Asking& ask, std::string_view key, std::string_view version,
                          const sdk::Lock& lock) {
  CAVRA_TRY(const ShownBlob shown, head_blob(ask, key, version));
  sdk::Lock raised = lock;
  raised.mode = std::max(lock.mode, shown.lock.mode);
  if (shown.lock.retain_until_unix_s && lock.retain_until_unix_s)
    raised.retain_until_unix_s =
        std::max(*shown.lock.retain_until_unix_s, *lock.retain_until_unix_s);
  else if (!raised.retain_until_unix_s)
    raised.retain_until_unix_s = shown.lock.retain_until_unix_s;
  const bool is_policy_enough = raised.mode == shown.lock.mode &&
                                raised.retain_until_unix_s == shown.lock.retain_until_unix_s;
  if (!is_policy_enough && raised.retain_until_unix_s)
    CAVRA_CHECK(set_policy(ask, key, version, raised));
  if (lock.legal_hold && !shown.lock.legal_hold) return set_hold(ask, key, version, true);
  return {};
}

}  // namespace cavra::azure
