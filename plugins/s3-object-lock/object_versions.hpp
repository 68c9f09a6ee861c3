// Asks for versions: one by its id, or all that lie under a prefix.
//
// Each is a request of its own; nothing is remembered. One thread, that of the call.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lock_wire.hpp"
#include "s3_documents.hpp"
#include "s3_service.hpp"

namespace cavra::s3 {

using Asking = cloud::AskingOf<S3Service>;

// The metadata name under which an object's SHA-256 stands, in hex.
inline constexpr std::string_view kSha256Metadata = "x-amz-meta-cavra-sha256";

// The query that names a version.
[[nodiscard]] QueryParameters version_query(std::string_view version);

// What HEAD and GET show of one version.
struct ShownVersion {
  std::string version;
  std::uint64_t length = 0;
  std::optional<std::int64_t> stored_at_unix_s;
  std::optional<sdk::Sha256> checked_sha256;  // of the whole object, compared by the service
  std::string claimed_sha256;                 // hex, from the metadata: whoever put it says so
  ShownLock lock;
};
// Of the head of an answer. Errors: io (no length), unproven (a lock that nobody can read).
[[nodiscard]] Result<ShownVersion> shown_version(const S3Service& service,
                                                 const http::Response& head);
// An empty version: the latest. Errors: as S3Service::ask(), unproven. HEAD has no body: why it is
// refused is not known.
[[nodiscard]] Result<ShownVersion> head_version(const Asking& ask, std::string_view key,
                                                std::string_view version);

// The lock alone, asked for. No lock is an answer. Errors: forbidden with the right's name, …
[[nodiscard]] Result<sdk::Lock> get_retention(const Asking& ask, std::string_view key,
                                              std::string_view version);
[[nodiscard]] Result<bool> get_legal_hold(const Asking& ask, std::string_view key,
                                          std::string_view version);

// The bucket's own: whether locks are possible, and its default rule.
[[nodiscard]] Result<LockConfiguration> get_lock_configuration(const Asking& ask);

// One page, of at most `limit`.
[[nodiscard]] Result<ListingPage<ListedVersion>> list_versions(const Asking& ask,
                                                               std::string_view prefix,
                                                               const ListingPlace& after,
                                                               std::uint32_t limit);
[[nodiscard]] Result<ListingPage<ListedUpload>> list_uploads(const Asking& ask,
                                                             std::string_view prefix,
                                                             const ListingPlace& after,
                                                             std::uint32_t limit);

// All pages. A listing that stands still, or goes back, is an error (io).
using TakeVersion = std::function<Result<void>(ListedVersion)>;
[[nodiscard]] Result<void> for_each_version(const Asking& ask, std::string_view prefix,
                                            const TakeVersion& take);
// Those of the keys from `first` to `last`, and some before. False where too many others lie in
// between: then not all were told.
[[nodiscard]] Result<bool> for_versions_between(
    const Asking& ask, std::string_view first, std::string_view last,
    const std::function<void(const ListedVersion&)>& take);
using TakeUpload = std::function<Result<void>(ListedUpload)>;
[[nodiscard]] Result<void> for_each_upload(const Asking& ask, std::string_view prefix,
                                           const TakeUpload& take);

}  // namespace cavra::s3
