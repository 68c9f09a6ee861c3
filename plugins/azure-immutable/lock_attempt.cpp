#include "lock_attempt.hpp"

#include <string>

#include "cavra/support/encoding.hpp"
#include "cloud/keys.hpp"
#include "cloud/lock.hpp"
#include "http/digest.hpp"
#include "policy_wire.hpp"

namespace cavra::azure {

namespace {

using enum sdk::AttemptOutcome;
using Outcome = sdk::AttemptOutcome;

class LockAttempt {
 public:
  LockAttempt(const Asking& ask, std::string_view key, std::string_view version)
      : ask_(ask), key_(key), version_(version) {}

  Result<Outcome> remove();
  Result<Outcome> overwrite();
  Result<Outcome> weaken(PolicyMode mode);

 private:
  [[nodiscard]] Result<http::Response> remove_version(std::string_view version);

  const Asking& ask_;
  const std::string key_;
  const std::string version_;
};

// What a refusal shows: only these codes say that it was the lock. Any other shows nothing.
Result<Outcome> shown_by(const http::Response& response, const std::string& doing) {
  const AzureError said = azure_error(response);
  if (said.code == "BlobImmutableDueToPolicy" || said.code == "BlobImmutableDueToLegalHold" ||
      said.code == "ImmutabilityPolicyDeleteOnLockedPolicy")
    return refused_by_lock;
  if (said.status == 403 && said.code != "OperationNotAllowedOnRootBlob") return refused_by_rights;
  return to_error(said, doing, "blobs/delete");
}

Result<http::Response> LockAttempt::remove_version(std::string_view version) {
  return ask_({.doing = "try to delete",
               .action = "blobs/delete",
               .method = "DELETE",
               .key = key_,
               .query = version_query(version),
               .answers = {400, 403, 404, 409, 412}});
}

// The blob first; where that only makes it a version of the past, that version by its id.
Result<Outcome> LockAttempt::remove() {
  CAVRA_TRY(http::Response said, remove_version({}));
  if (said.is_success() && !version_.empty()) {
    CAVRA_TRY(said, remove_version(version_));
  }
  if (!said.is_success()) return shown_by(said, "try to delete " + quoted(key_));
  const auto still = head_blob(ask_, key_, version_);
  if (still) return refused_by_lock;  // it said yes, and kept the version
  if (still.error().code == ErrorCode::not_found) return succeeded;
  return still.error();
}

Result<Outcome> LockAttempt::overwrite() {
  CAVRA_TRY(const ShownBlob before, head_blob(ask_, key_, version_));
  const std::string other = "another version, put by the destructive test";
  http::TextBody body(other);
  CAVRA_TRY(const http::Response put,
            ask_({.doing = "try to overwrite",
                  .action = kWriteBlobs,
                  .method = "PUT",
                  .key = key_,
                  .headers = {{"x-ms-blob-type", "BlockBlob"}, {"content-type", "text/plain"}},
                  .body = &body,
                  .answers = {400, 403, 409, 412}}));
  if (!put.is_success()) return shown_by(put, "try to overwrite " + quoted(key_));
  // It makes another version: ours must be as it was.
  const auto after = head_blob(ask_, key_, version_);
  if (!after && after.error().code == ErrorCode::not_found) return succeeded;
  if (!after) return after.error();
  const bool is_same = after->length == before.length && after->etag == before.etag;
  return is_same ? refused_by_lock : succeeded;
}

// To the mode told, and an earlier date. The verb that deletes a policy is never used: a policy
// that can be unlocked and shortened is as good as none.
Result<Outcome> LockAttempt::weaken(PolicyMode mode) {
  CAVRA_TRY(const ShownBlob before, head_blob(ask_, key_, version_));
  if (!before.lock.retain_until_unix_s) return succeeded;
  sdk::Lock weaker = before.lock;
  weaker.retain_until_unix_s = *before.lock.retain_until_unix_s - 1;
  if (*weaker.retain_until_unix_s <= ask_.service.now_unix_s())
    return Error{ErrorCode::unsupported, "the lock ends now: a date before it would be past"};
  http::QueryParameters query = version_query(version_);
  query.emplace_back("comp", "immutabilityPolicies");
  CAVRA_TRY(const http::Response said, ask_({.doing = "try to weaken the policy of",
                                             .action = kPolicies,
                                             .method = "PUT",
                                             .key = key_,
                                             .query = std::move(query),
                                             .headers = policy_headers(weaker, mode),
                                             .answers = {400, 403, 409, 412}}));
  if (!said.is_success()) return shown_by(said, "try to weaken the policy of " + quoted(key_));
  CAVRA_TRY(const ShownBlob after, head_blob(ask_, key_, version_));
  // It said yes: then it has done so, or kept the lock all the same.
  return cloud::is_sufficient(after.lock, before.lock) ? refused_by_lock : succeeded;
}

}  // namespace

Result<Outcome> attempt_on_lock(const Asking& ask, const AzureSettings& settings, sdk::Attempt act,
                                std::string_view key, std::string_view version) {
  const bool is_container_scope = settings.scope == LockScope::container;
  // There a key is all that names a blob.
  CAVRA_CHECK(cloud::require_trial(settings.prefix, key, is_container_scope ? key : version));
  const bool is_of_policy = act == sdk::Attempt::shorten || act == sdk::Attempt::clear;
  if (is_container_scope && is_of_policy)
    return Error{ErrorCode::unsupported,
                 "the policy is the whole container's: to weaken it would weaken all that lies "
                 "there"};
  LockAttempt attempt(ask, key, version);
  const PolicyMode mode =
      settings.mode == sdk::LockMode::compliance ? PolicyMode::locked : PolicyMode::unlocked;
  switch (act) {
    case sdk::Attempt::remove:
      return attempt.remove();
    case sdk::Attempt::overwrite:
      return attempt.overwrite();
    case sdk::Attempt::shorten:
      return attempt.weaken(mode);
    case sdk::Attempt::clear:
      return attempt.weaken(PolicyMode::unlocked);
  }
  return Error{ErrorCode::unsupported, "there is no such attempt"};
}

}  // namespace cavra::azure
