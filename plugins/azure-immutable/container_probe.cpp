#include "container_probe.hpp"

#include <array>
#include <string>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra::azure {

namespace {

// What nobody who archives should have; roles alone show it.
constexpr std::array<std::string_view, 4> kTooMuch{"blobs/delete", "blobs/deleteBlobVersion/action",
                                                   "blobs/permanentDelete/action",
                                                   "containers/immutabilityPolicies/delete"};

constexpr std::string_view kPolicyItem = "container-policy";

}  // namespace

Result<void> ContainerProbe::tell(Verdict verdict, std::string_view name, std::string_view message,
                                  std::int64_t least_retention_s) {
  return sink_.item({.verdict = verdict,
                     .name = name,
                     .message = message,
                     .least_retention_s = least_retention_s});
}

Result<void> ContainerProbe::tell_transport() {
  if (!ask_.service.address().is_plain())
    return tell(Verdict::ok, "tls", "requests go by TLS, and the server's certificate is checked");
  return tell(Verdict::note, "tls", "plain http, which is for this machine's own servers alone");
}

Result<void> ContainerProbe::tell_listing() {
  http::QueryParameters query{{"restype", "container"}, {"comp", "list"}, {"maxresults", "1"}};
  if (!settings_.prefix.empty()) query.emplace_back("prefix", settings_.prefix);
  auto answer = ask_({.doing = "list the blobs in",
                      .action = kReadBlobs,
                      .method = "GET",
                      .key = {},
                      .query = std::move(query),
                      .answers = {403}});
  if (!answer) return std::move(answer).error();
  if (answer->is_success()) {
    CAVRA_CHECK(parse_blob_page(answer->body));
    return tell(Verdict::ok, kReadBlobs, "blobs can be listed");
  }
  const AzureError said = azure_error(*answer);
  const Error error = to_error(said, "list the blobs in the container", kReadBlobs);
  // Whom the service does not know would be told the same of every right.
  if (is_about_identity(said)) return error;
  return tell(Verdict::missing, kReadBlobs, error.message);
}

Result<void> ContainerProbe::tell_container() {
  CAVRA_TRY(const ContainerFlags shown, head_container(ask_));
  if (settings_.scope == LockScope::container) return tell_container_level(shown);
  if (shown.is_shown) return tell_version_level(shown);
  return tell(Verdict::unknown, kReadContainer,
              "not asked for: this user has no right to read the container's properties");
}

// The data plane tells whether a container can lock, not how long and how firmly: its default
// policy is the control plane's to tell.
Result<void> ContainerProbe::tell_version_level(const ContainerFlags& shown) {
  constexpr std::string_view kName = "version-level-immutability";
  if (shown.is_version_level == false)
    return tell(Verdict::missing, kName,
                shown.has_policy == true
                    ? "the container is without it: nothing in it can be locked by version. It has "
                      "a policy of its own: \"scope\": \"container\" uses that"
                    : "the container is without it: nothing in it can be locked by version");
  if (!shown.is_version_level)
    return tell(Verdict::unknown, kName,
                "the service does not say; each put is proven by what is read back");
  CAVRA_CHECK(tell(Verdict::ok, kName, "on"));
  if (settings_.policy_from == PolicyFrom::request) return {};
  const bool has_default = shown.has_policy == true;
  return tell(has_default ? Verdict::ok : Verdict::unknown, "default-policy",
              has_default ? "the container has one; how long it is each put shows"
                          : "\"policy\": \"inherit\", and the service does not say that the "
                            "container has a default policy; each put shows");
}

Result<void> ContainerProbe::tell_container_level(const ContainerFlags& shown) {
  if (!shown.is_shown)
    return tell(Verdict::missing, kReadContainer,
                "whether the container has a policy of its own cannot be seen without it");
  if (shown.is_version_level == true)
    return tell(Verdict::missing, kPolicyItem,
                "the container has version-level immutability: set \"scope\": \"version\"");
  if (shown.has_policy == false)
    return tell(Verdict::missing, kPolicyItem,
                *container_lock_.obstacle(ContainerPolicy{}, settings_.mode));
  if (shown.has_hold == true)
    CAVRA_CHECK(tell(Verdict::note, "legal-hold",
                     "the whole container is under a legal hold, beside its policy"));
  return tell_policy();
}

Result<void> ContainerProbe::tell_policy() {
  const auto policy = container_lock_.read(ask_);
  if (!policy && policy.error().code == ErrorCode::forbidden &&
      policy.error().message.find(kReadPolicy) != std::string::npos)
    return tell(Verdict::missing, kReadPolicy, policy.error().message);
  if (!policy) return policy.error();
  if (const auto why = container_lock_.obstacle(*policy, settings_.mode))
    return tell(Verdict::missing, kPolicyItem, *why);
  if (policy->allows_appends)
    CAVRA_CHECK(tell(Verdict::note, "append-blobs",
                     "the policy lets append blobs grow; what is put here is none"));
  return tell(Verdict::ok, kPolicyItem,
              policy->text() + " from a blob's creation: what is put now is held until " +
                  format_utc({ask_.service.now_unix_s() + policy->seconds(), 0}),
              policy->seconds());
}

Result<void> ContainerProbe::tell_rights() {
  if (who_.starts_with("the account's key"))
    return tell(Verdict::excess, "shared-key",
                std::string(who_) +
                    ": it may do everything in the account, and remove what is "
                    "not locked; use a role");
  for (const std::string_view action : kTooMuch)
    CAVRA_CHECK(tell(Verdict::unknown, action,
                     "shows only by doing; see that no role of this user has it"));
  if (settings_.scope == LockScope::container)
    return tell(Verdict::unknown, "containers/immutabilityPolicies/write",
                "not needed, and shows only by doing: it makes and changes a policy that is not "
                "locked");
  const bool needs_policies = settings_.policy_from == PolicyFrom::request;
  return tell(Verdict::note, kPolicies,
              needs_policies ? "\"policy\": \"explicit\" needs it, and it may also remove what is "
                               "unlocked: a container's locked default and \"inherit\" do without"
                             : "not needed with \"policy\": \"inherit\"; see that no role of this "
                               "user has it");
}

Result<void> ContainerProbe::run() {
  CAVRA_CHECK(tell_transport());
  CAVRA_CHECK(tell_listing());
  CAVRA_CHECK(tell_container());
  return tell_rights();
}

}  // namespace cavra::azure
