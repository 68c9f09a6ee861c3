#include "blob_put.hpp"

#include <utility>
#include <vector>

#include "blob_headers.hpp"
#include "block_upload.hpp"
#include "cavra/support/encoding.hpp"
#include "checksum.hpp"
#include "cloud/lock.hpp"
#include "http/digest.hpp"

namespace cavra::azure {

namespace {

constexpr int kMaxRounds = 3;

cloud::ListKeys keys_of(const Asking& ask) {
  return [&ask](std::string_view prefix, const cloud::TakeKey& take) {
    return for_each_blob(ask, Listing::plain, prefix, [&take](const ListedBlob& blob) {
      take(blob.name);
      return Result<void>{};
    });
  };
}

}  // namespace

std::string_view put_action(const AzureSettings& settings) {
  return settings.policy_from == PolicyFrom::request
             ? "blobs/add/action (or blobs/write), and for \"policy\": \"explicit\" "
               "blobs/immutableStorage/runAsSuperUser/action"
             : "blobs/add/action (or blobs/write)";
}

Result<PutOutcome> outcome_of(const http::Response& response, const std::string& doing,
                              std::string_view action) {
  // An exchange that was found to have happened has no answer.
  if (response.status == 0) return PutOutcome{};
  if (response.is_success())
    return PutOutcome{.is_created = true,
                      .version = std::string(response.headers.get("x-ms-version-id"))};
  const AzureError said = azure_error(response);
  if (says_exists(said)) return PutOutcome{};
  return to_error(said, doing, action);
}

// Without versions there is no immutability of a version, whatever a server says to its headers. A
// container's own policy needs none.
Result<void> BlobPut::require_version(const std::string& version) const {
  if (!version.empty() || tools_.settings.scope == LockScope::container) return {};
  return Error{ErrorCode::unproven,
               quoted(request_.key) +
                   ": it is there and not locked: the service keeps no versions in this container, "
                   "and version-level immutability belongs to one"};
}

BlobPut::BlobPut(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
                 sdk::Source& source)
    : ask_(ask), tools_(tools), request_(request), source_(source), verdict_(source) {}

Result<std::optional<sdk::PutResult>> BlobPut::look(bool is_created) {
  CAVRA_TRY(auto own, find_own_blob(ask_, request_));
  if (!own) return std::optional<sdk::PutResult>{};
  CAVRA_CHECK(require_version(own->version));
  // A put that died before its lock, ours or another run's, is completed.
  if (!cloud::is_sufficient(own->lock, request_.lock)) CAVRA_CHECK(lock(own->version, false));
  return std::optional(
      sdk::PutResult{.is_created = is_created, .version = std::move(own->version)});
}

// What became of a put without an answer.
std::function<Result<bool>()> BlobPut::look_again() {
  return [this]() -> Result<bool> {
    may_be_mine_ = true;
    CAVRA_TRY(const auto own, find_own_blob(ask_, request_));
    return own.has_value();
  };
}

Result<PutOutcome> BlobPut::send_whole() {
  CAVRA_TRY(const auto digests, cloud::digests_of(source_, ask_.call, wanted(tools_.checksum)));
  cloud::WholeBody body(source_, verdict_);
  http::Headers headers = headers_;
  headers.add("x-ms-blob-type", "BlockBlob");
  headers.add("if-none-match", "*");
  add_checksum(tools_.checksum, digests, headers);
  CAVRA_TRY(const http::Response response, ask_({.doing = "put",
                                                 .action = kAddBlobs,
                                                 .method = "PUT",
                                                 .key = std::string(request_.key),
                                                 .headers = std::move(headers),
                                                 .body = &body,
                                                 .answers = {403, 409, 412},
                                                 .has_happened = look_again()}));
  return outcome_of(response, "put " + quoted(request_.key), put_action(tools_.settings));
}

Result<PutOutcome> BlobPut::send() {
  if (request_.length <= tools_.settings.single_put_bytes) return send_whole();
  BlockUpload upload(ask_, tools_, request_, source_, verdict_, headers_, look_again());
  return upload.run();
}

// What is there may be another writer's, with our metadata, or an upload that he has spoiled.
Result<void> BlobPut::read_back(const std::string& version, bool is_made_now) {
  CAVRA_TRY(const bool is_right, has_bytes(ask_, request_, version));
  if (is_right) return {};
  return Error{is_made_now ? ErrorCode::unproven : ErrorCode::conflict,
               quoted(request_.key) +
                   ": the bytes under this name are others than they say, and were not locked; "
                   "find out who writes there, remove that version, and archive again"};
}

// Locking cannot be undone: the bytes are read back before. With "inherit" the container has done
// it.
Result<void> BlobPut::lock(const std::string& version, bool is_made_now) {
  if (tools_.settings.policy_from != PolicyFrom::request || !request_.lock.retain_until_unix_s)
    return {};
  auto locked = request_.lock.mode == sdk::LockMode::compliance ? read_back(version, is_made_now)
                                                                : Result<void>{};
  if (locked) locked = raise_policy(ask_, request_.key, version, request_.lock);
  if (locked) return {};
  Error error = std::move(locked).error();
  if (error.code == ErrorCode::unsupported)
    error.message +=
        "; it is there and not locked: this server has no immutability, or the "
        "container is without it";
  else if (error.code == ErrorCode::not_found)
    error.message += "; the service said that it had taken it";
  else
    return error;
  error.code = ErrorCode::unproven;
  return error;
}

Result<sdk::PutResult> BlobPut::run() {
  CAVRA_TRY(headers_, blob_headers(tools_.settings, request_));
  CAVRA_TRY(const bool may_be_there,
            tools_.state.known_keys.may_have(ask_.call, keys_of(ask_), request_.archive_prefix,
                                             request_.key));
  if (may_be_there) {
    CAVRA_TRY(const auto found, look(false));
    if (found) return *found;
  }
  for (int round = 0; round < kMaxRounds; ++round) {
    CAVRA_TRY(PutOutcome outcome, send());
    if (outcome.is_created) {
      CAVRA_CHECK(require_version(outcome.version));
      CAVRA_CHECK(lock(outcome.version, true));
      return sdk::PutResult{.is_created = true, .version = std::move(outcome.version)};
    }
    CAVRA_TRY(const auto found, look(may_be_mine_));
    if (found) return *found;
  }
  return Error{ErrorCode::unavailable,
               quoted(request_.key) + ": others put and remove under this name at the same time",
               true};
}

}  // namespace cavra::azure
