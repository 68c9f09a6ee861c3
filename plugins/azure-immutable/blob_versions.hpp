// Asks for blobs: one version by its id, or all that lie under a prefix; and sets their locks.
//
// Each is a request of its own; nothing is remembered. One thread, that of the call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "azure_documents.hpp"
#include "azure_service.hpp"
#include "cavra/plugin_types.hpp"
#include "container_policy.hpp"

namespace cavra::azure {

using Asking = cloud::AskingOf<AzureService>;

// The data actions, as roles have them; docs for them below
// Microsoft.Storage/storageAccounts/blobServices/containers/.
inline constexpr std::string_view kReadBlobs = "blobs/read";
inline constexpr std::string_view kAddBlobs = "blobs/add/action";
inline constexpr std::string_view kWriteBlobs = "blobs/write";
inline constexpr std::string_view kPolicies = "blobs/immutableStorage/runAsSuperUser/action";
inline constexpr std::string_view kReadContainer = "containers/read";

// The metadata name under which a blob's SHA-256 stands, in hex.
inline constexpr std::string_view kSha256Metadata = "x-ms-meta-cavrasha256";

// What HEAD and GET show of one version.
struct ShownBlob {
  std::string version;  // empty: the container keeps none
  std::string etag;
  bool is_current = false;
  std::uint64_t length = 0;
  std::optional<std::int64_t> stored_at_unix_s;
  BlobAge age;
  sdk::Lock lock;  // its own: none by the container's policy
};
// Of the head of an answer for `version`. Errors: io (no length), unproven (a lock that nobody can
// read, another version than the one asked for).
[[nodiscard]] Result<ShownBlob> shown_blob(std::string_view key, std::string_view version,
                                           const http::Response& head);
// An empty version: the current one. Errors: as AzureService::ask(), unproven (a lock that nobody
// can read, another version than the one asked for).
[[nodiscard]] Result<ShownBlob> head_blob(const Asking& ask, std::string_view key,
                                          std::string_view version);

// The query that names a version.
[[nodiscard]] http::QueryParameters version_query(std::string_view version);

// A service may give pages without an entry: so many, one after the other.
inline constexpr std::size_t kMostEmptyPages = 1000;

// One page, of at most `limit`, in order of names: versions, and what was never put together. With
// metadata, which anybody may make large, a page is short.
enum class Listing { plain, with_metadata };
[[nodiscard]] Result<BlobPage> list_blobs(const Asking& ask, Listing what, std::string_view prefix,
                                          std::string_view marker, std::uint32_t limit);
// All versions, by all pages. A listing that goes back, or on without an entry, is an error (io).
[[nodiscard]] Result<void> for_each_blob(const Asking& ask, Listing what, std::string_view prefix,
                                         const std::function<Result<void>(ListedBlob)>& take);

// The date and the mode of a version, as told: never called to make it less. Errors: as
// AzureService::ask(); unsupported (the server has no policies).
[[nodiscard]] Result<void> set_policy(const Asking& ask, std::string_view key,
                                      std::string_view version, const sdk::Lock& lock);
[[nodiscard]] Result<void> set_hold(const Asking& ask, std::string_view key,
                                    std::string_view version, bool is_on);
// Reads the version's lock, and makes it at least `lock`: what is stronger already stays.
[[nodiscard]] Result<void> raise_policy(const Asking& ask, std::string_view key,
                                        std::string_view version, const sdk::Lock& lock);

}  // namespace cavra::azure
