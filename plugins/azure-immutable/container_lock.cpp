#include "container_lock.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/lock.hpp"
#include "container_flags.hpp"

namespace cavra::azure {

namespace {

constexpr std::chrono::seconds kMostPolicyAge{60};

// Two planes of one service: where they say different things, one of them is of something else.
// Below version-level immutability a version may have less than the container's policy, which is a
// default there: so it has to be said that there is none.
Result<void> check_agreement(const ContainerPolicy& policy, const ContainerFlags& shown) {
  if (!shown.is_shown)
    return Error{
        ErrorCode::forbidden,
        "whether the container has a policy of its own cannot be seen: it needs the right " +
            std::string(kReadContainer)};
  if (shown.is_version_level == true)
    return Error{ErrorCode::refused,
                 "the container has version-level immutability, whose policy is a default for "
                 "versions: set \"scope\": \"version\""};
  if (policy.days == 0) return {};
  const std::string told = "the management tells of a policy (" + policy.text() + "), and the ";
  if (shown.has_policy == false)
    return Error{ErrorCode::unproven,
                 told +
                     "container itself says that it has none: are \"account_id\" and the "
                     "endpoint of one account?"};
  if (!shown.has_policy || !shown.is_version_level)
    return Error{ErrorCode::unproven,
                 told + "service of the container does not say that it has one of its own"};
  return {};
}

}  // namespace

ContainerLock::~ContainerLock() {
  if (session_ != nullptr) management_->sessions().give_back(std::move(session_));
}

Result<ContainerPolicy> ContainerLock::read(const Asking& ask) {
  if (management_ == nullptr)
    return Error{
        ErrorCode::usage,
        "\"scope\": \"container\": the policy is asked for at Azure's management, which "
        "takes tokens alone, and " +
            who_ +
            " gives none: use workload identity, a managed identity, a certificate or a secret"};
  if (session_ == nullptr) {
    CAVRA_TRY(session_, management_->sessions().take());
  }
  CAVRA_TRY(ContainerPolicy told, management_->get_policy(*session_, ask.call));
  CAVRA_TRY(const ContainerFlags shown, head_container(ask));
  CAVRA_CHECK(check_agreement(told, shown));
  policy_ = told;
  read_at_ = std::chrono::steady_clock::now();
  return told;
}

Result<ContainerPolicy> ContainerLock::policy(const Asking& ask) {
  if (policy_ && std::chrono::steady_clock::now() - read_at_ < kMostPolicyAge) return *policy_;
  policy_.reset();
  return read(ask);
}

Result<sdk::Lock> ContainerLock::lock_of(const Asking& ask, const ShownBlob& blob) {
  CAVRA_TRY(const ContainerPolicy found, policy(ask));
  return lock_by(found, blob.age);
}

std::string ContainerLock::command(std::string_view act, const ContainerPolicy& policy) const {
  std::string words = "`az storage container immutability-policy ";
  words += act;
  words += " --resource-group '" + settings_.account_id.resource_group + "' --account-name " +
           settings_.account_id.account + " --container-name " + settings_.container;
  if (act != "create")
    words += " --if-match " + (policy.etag.empty() ? "ETAG" : "'" + policy.etag + "'");
  return words;
}

std::optional<std::string> ContainerLock::obstacle(const ContainerPolicy& policy,
                                                   sdk::LockMode wanted) const {
  if (policy.days == 0)
    return "the container has no immutability policy, so nothing in it is locked; make one, try it "
           "unlocked, and lock it: " +
           command("create", policy) + " --period DAYS`";
  if (policy.allows_all_appends)
    return "the container's policy (" + policy.text() +
           ") lets blobs be appended to (allowProtectedAppendWritesAll): what is put there would "
           "not stay as it is";
  if (wanted == sdk::LockMode::compliance && !policy.is_locked)
    return "the container's policy (" + policy.text() +
           ") is not locked: whoever has the right over it removes it. Lock it, which nobody can "
           "undo: " +
           command("lock", policy) + "`; or set \"mode\": \"unlocked\"";
  return std::nullopt;
}

Result<void> ContainerLock::require_from(const ContainerPolicy& policy, const sdk::Lock& wanted,
                                         std::int64_t created_at_unix_s) const {
  if (auto why = obstacle(policy, wanted.mode)) return Error{ErrorCode::refused, *std::move(why)};
  if (wanted.legal_hold)
    return Error{ErrorCode::refused,
                 "legal holds are tags of the whole container here, and no object has one of its "
                 "own"};
  if (!wanted.retain_until_unix_s) return {};
  const std::int64_t days = days_between(created_at_unix_s, *wanted.retain_until_unix_s);
  if (days <= policy.days) return {};
  // One that is not locked is not extended, but made anew.
  const std::string act = policy.is_locked ? "extend" : "create";
  return Error{
      ErrorCode::refused,
      "the container's policy (" + policy.text() + " from a blob's creation) is too short: until " +
          format_utc({*wanted.retain_until_unix_s, 0}) + " it takes " + std::to_string(days) +
          " days. It is for all blobs in the container, so it is not changed from here; whoever "
          "may, runs " +
          command(act, policy) + " --period " + std::to_string(days) +
          (policy.is_locked ? "`, at most five times in all" : "`")};
}

Result<void> ContainerLock::require(const Asking& ask, const sdk::Lock& wanted) {
  CAVRA_TRY(const ContainerPolicy found, policy(ask));
  return require_from(found, wanted, ask.service.now_unix_s());
}

Result<void> ContainerLock::require_of(const Asking& ask, const ShownBlob& blob,
                                       const sdk::Lock& wanted) {
  CAVRA_TRY(const ContainerPolicy found, read(ask));
  CAVRA_TRY(const sdk::Lock lock, lock_by(found, blob.age));
  if (cloud::is_sufficient(lock, wanted)) return {};
  CAVRA_CHECK(
      require_from(found, wanted, blob.age.created_at_unix_s.value_or(ask.service.now_unix_s())));
  return Error{ErrorCode::refused,
               "the container's policy does not hold this blob: it can be appended to"};
}

}  // namespace cavra::azure
