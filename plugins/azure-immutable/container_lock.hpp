// ContainerLock tells what the container's own policy makes of its blobs: "scope": "container".
//
// Of one session, and one thread at a time. docs/adr/0022-azure-container-scope.md says why it may
// keep what it read for a while.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "blob_versions.hpp"
#include "container_policy.hpp"
#include "management_service.hpp"

namespace cavra::azure {

class ContainerLock {
 public:
  // Lent. Null: who asks has no tokens; `who` is how he says so.
  ContainerLock(const AzureSettings& settings, ManagementService* management, std::string_view who)
      : settings_(settings), management_(management), who_(who) {}
  ~ContainerLock();
  ContainerLock(const ContainerLock&) = delete;
  ContainerLock& operator=(const ContainerLock&) = delete;

  // The policy as it is now, asked of the management and checked against what the container says.
  // Errors: usage (no tokens; no such account), forbidden (the rights kReadPolicy, kReadContainer),
  // refused (it is version-level), unproven (the two say different things), those of asking.
  [[nodiscard]] Result<ContainerPolicy> read(const Asking& ask);
  // The lock of a blob, by the policy as this session read it in the last 60 seconds: a session
  // that proves many objects does not ask for each. Errors: those of read(), unproven.
  [[nodiscard]] Result<sdk::Lock> lock_of(const Asking& ask, const ShownBlob& blob);
  // That what is put now will have the lock wanted. Errors: those of read(), refused (with what to
  // run).
  [[nodiscard]] Result<void> require(const Asking& ask, const sdk::Lock& wanted);
  // That a blob has it already: the policy is for all that is there, and is not changed for one.
  // Errors: the same.
  [[nodiscard]] Result<void> require_of(const Asking& ask, const ShownBlob& blob,
                                        const sdk::Lock& wanted);
  // Why a policy cannot give any lock of that mode, for people; none: it can.
  [[nodiscard]] std::optional<std::string> obstacle(const ContainerPolicy& policy,
                                                    sdk::LockMode wanted) const;

 private:
  [[nodiscard]] Result<ContainerPolicy> policy(const Asking& ask);
  [[nodiscard]] Result<void> require_from(const ContainerPolicy& policy, const sdk::Lock& wanted,
                                          std::int64_t created_at_unix_s) const;
  [[nodiscard]] std::string command(std::string_view act, const ContainerPolicy& policy) const;

  const AzureSettings& settings_;
  ManagementService* const management_;
  const std::string who_;
  std::unique_ptr<http::Session> session_;
  std::optional<ContainerPolicy> policy_;
  std::chrono::steady_clock::time_point read_at_;
};

}  // namespace cavra::azure
