#include "lock_attempt.hpp"

#include "cavra/support/encoding.hpp"
#include "cloud/keys.hpp"
#include "cloud/lock.hpp"
#include "http/digest.hpp"
#include "own_version.hpp"
#include "raise_lock.hpp"

namespace cavra::s3 {

namespace {

using enum sdk::AttemptOutcome;
using Outcome = sdk::AttemptOutcome;

class LockAttempt {
 public:
  LockAttempt(const Asking& ask, std::string_view key, std::string_view version)
      : ask_(ask), key_(key), version_(version) {}

  Result<Outcome> remove();
  Result<Outcome> overwrite();
  Result<Outcome> shorten();
  Result<Outcome> clear();

 private:
  [[nodiscard]] Result<http::Response> remove_version(std::string_view version);
  [[nodiscard]] Result<sdk::Lock> lock();
  [[nodiscard]] Result<Outcome> change_retention(const sdk::Lock& before,
                                                 const std::optional<sdk::Lock>& weaker);

  const Asking& ask_;
  const std::string key_;
  const std::string version_;
};

Result<http::Response> LockAttempt::remove_version(std::string_view version) {
  QueryParameters query;
  if (!version.empty()) query.emplace_back("versionId", version);
  return ask_({.doing = "try to delete",
               .action = "s3:DeleteObjectVersion",
               .method = "DELETE",
               .key = key_,
               .query = std::move(query),
               .answers = {400, 403, 409}});
}

Result<sdk::Lock> LockAttempt::lock() {
  CAVRA_TRY(const ShownVersion shown, head_version(ask_, key_, version_));
  return lock_of(ask_, key_, shown);
}

Result<Outcome> LockAttempt::remove() {
  CAVRA_TRY(const http::Response refused, remove_version(version_));
  if (refused.is_success()) {
    const auto still = head_version(ask_, key_, version_);
    if (!still && still.error().code == ErrorCode::not_found) return succeeded;
    if (!still) return still.error();
    return refused_by_lock;  // it said yes, and kept the version
  }
  CAVRA_TRY(const http::Response marked, remove_version({}));
  const std::string marker(marked.headers.get("x-amz-version-id"));
  if (!marked.is_success() || marker.empty()) return refused_by_rights;
  CAVRA_TRY(const http::Response unmarked, remove_version(marker));
  return unmarked.is_success() ? refused_by_lock : refused_by_rights;
}

Result<Outcome> LockAttempt::overwrite() {
  CAVRA_TRY(const ShownVersion before, head_version(ask_, key_, version_));
  const std::string other = "another version, put by the destructive test";
  http::TextBody body(other);
  const auto digest = http::sha256(as_bytes(other));
  CAVRA_TRY(const http::Response put,
            ask_({.doing = "try to overwrite",
                  .action = "s3:PutObject",
                  .method = "PUT",
                  .key = key_,
                  .headers = {{"content-type", "text/plain"},
                              {"x-amz-checksum-sha256", to_base64(digest)}},
                  .body = &body,
                  .payload_sha256 = to_hex(digest),
                  .answers = {400, 403, 409, 412}}));
  if (put.status == 403) return refused_by_rights;
  const std::string above(put.headers.get("x-amz-version-id"));
  if (put.is_success() && !above.empty() && above != version_)
    CAVRA_CHECK(remove_version(above));  // where that is allowed
  const auto after = head_version(ask_, key_, version_);
  if (!after && after.error().code == ErrorCode::not_found) return succeeded;
  if (!after) return after.error();
  const bool is_same = after->length == before.length && after->version == before.version &&
                       after->claimed_sha256 == before.claimed_sha256;
  return is_same ? refused_by_lock : succeeded;
}

Result<Outcome> LockAttempt::change_retention(const sdk::Lock& before,
                                              const std::optional<sdk::Lock>& weaker) {
  const auto changed = put_retention(ask_, key_, version_, weaker);
  CAVRA_TRY(const sdk::Lock after, lock());
  if (!cloud::is_sufficient(after, before)) return succeeded;
  if (changed) return refused_by_lock;  // it said yes, and kept the lock
  const auto same = put_retention(ask_, key_, version_, before);
  if (!same && same.error().code == ErrorCode::forbidden) return refused_by_rights;
  if (!same) return same.error();
  return refused_by_lock;
}

Result<Outcome> LockAttempt::shorten() {
  CAVRA_TRY(sdk::Lock before, lock());
  if (!before.retain_until_unix_s) return succeeded;
  sdk::Lock earlier = before;
  earlier.legal_hold = false;
  earlier.retain_until_unix_s = *before.retain_until_unix_s - 1;
  if (*earlier.retain_until_unix_s <= ask_.service.now_unix_s())
    return Error{ErrorCode::unsupported, "the lock ends now: a date before it would be past"};
  return change_retention(before, earlier);
}

Result<Outcome> LockAttempt::clear() {
  CAVRA_TRY(const sdk::Lock before, lock());
  if (!before.retain_until_unix_s) return succeeded;
  return change_retention(before, std::nullopt);
}

}  // namespace

Result<Outcome> attempt_on_lock(const Asking& ask, const S3Settings& settings, sdk::Attempt act,
                                std::string_view key, std::string_view version) {
  CAVRA_CHECK(cloud::require_trial(settings.prefix, key, version));
  LockAttempt attempt(ask, key, version);
  switch (act) {
    case sdk::Attempt::remove:
      return attempt.remove();
    case sdk::Attempt::overwrite:
      return attempt.overwrite();
    case sdk::Attempt::shorten:
      return attempt.shorten();
    case sdk::Attempt::clear:
      return attempt.clear();
  }
  return Error{ErrorCode::unsupported, "there is no such attempt"};
}

}  // namespace cavra::s3
