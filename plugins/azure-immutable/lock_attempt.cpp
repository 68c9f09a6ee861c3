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
  Result<Outcome> change(PolicyMode mode, std::int64_t later_by_s);

 private:
  [[nodiscard]] Result<http::Response> remove_version(std::string_view version);

  const Asking& ask_;
  const std::string key_;
  const std::string version_;
};

// Refused for want of a right, which shows nothing of the lock.
bool is_about_rights(const http::Response& response) {
  return response.status == 403 && azure_error(response).code != "OperationNotAllowedOnRootBlob";
}

Result<http::Response> LockAttempt::remove_version(std::string_view version) {
  return ask_({.doing = "try to delete",
               .action = "blobs/delete",
               .method = "DELETE",
               .key = key_,
               .query = version_query(version),
               .answers = {400, 403, 404, 409, 412}});
}

// The blob first, and what that makes a version of the past then by its id.
Result<Outcome> LockAttempt::remove() {
  CAVRA_TRY(http::Response said, remove_version({}));
  if (is_about_rights(said)) return refused_by_rights;
  CAVRA_TRY(said, remove_version(version_));
  if (is_about_rights(said)) return refused_by_rights;
  const auto still = head_blob(ask_, key_, version_);
  if (still) return refused_by_lock;
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
  if (is_about_rights(put)) return refused_by_rights;
  const auto after = head_blob(ask_, key_, version_);
  if (!after && after.error().code == ErrorCode::not_found) return succeeded;
  if (!after) return after.error();
  const bool is_same = after->length == before.length && after->etag == before.etag;
  return is_same ? refused_by_lock : succeeded;
}

// To a weaker mode, or to an earlier date.
Result<Outcome> LockAttempt::change(PolicyMode mode, std::int64_t later_by_s) {
  CAVRA_TRY(const ShownBlob before, head_blob(ask_, key_, version_));
  if (!before.lock.retain_until_unix_s) return succeeded;
  sdk::Lock weaker = before.lock;
  weaker.retain_until_unix_s = *before.lock.retain_until_unix_s + later_by_s;
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
  CAVRA_TRY(const ShownBlob after, head_blob(ask_, key_, version_));
  if (!cloud::is_sufficient(after.lock, before.lock)) return succeeded;
  return is_about_rights(said) ? refused_by_rights : refused_by_lock;
}

}  // namespace

Result<Outcome> attempt_on_lock(const Asking& ask, const AzureSettings& settings, sdk::Attempt act,
                                std::string_view key, std::string_view version) {
  CAVRA_CHECK(cloud::require_trial(settings.prefix, key, version));
  LockAttempt attempt(ask, key, version);
  const PolicyMode mode =
      settings.mode == sdk::LockMode::compliance ? PolicyMode::locked : PolicyMode::unlocked;
  switch (act) {
    case sdk::Attempt::remove:
      return attempt.remove();
    case sdk::Attempt::overwrite:
      return attempt.overwrite();
    case sdk::Attempt::shorten:
      return attempt.change(mode, -1);
    case sdk::Attempt::clear:
      return attempt.change(PolicyMode::unlocked, 0);
  }
  return Error{ErrorCode::unsupported, "there is no such attempt"};
}

}  // namespace cavra::azure
