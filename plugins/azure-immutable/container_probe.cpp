#include "container_probe.hpp"

#include <array>
#include <string>
#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::azure {

namespace {

// What nobody who archives should have; roles alone show it.
constexpr std::array<std::string_view, 4> kTooMuch{"blobs/delete", "blobs/deleteBlobVersion/action",
                                                   "blobs/permanentDelete/action",
                                                   "containers/immutabilityPolicies/delete"};

}  // namespace

Result<void> ContainerProbe::tell(Verdict verdict, std::string_view name,
                                  std::string_view message) {
  return sink_.item({.verdict = verdict, .name = name, .message = message});
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

// The data plane tells whether a container can lock, not how long and how firmly: its default
// policy is the control plane's to tell.
Result<void> ContainerProbe::tell_container() {
  constexpr std::string_view kName = "version-level-immutability";
  auto answer = ask_({.doing = "ask for the properties of",
                      .action = kReadContainer,
                      .method = "HEAD",
                      .key = {},
                      .query = {{"restype", "container"}},
                      .answers = {403}});
  if (!answer) return std::move(answer).error();
  if (!answer->is_success())
    return tell(Verdict::unknown, kReadContainer,
                "not asked for: this user has no right to read the container's properties");
  const std::string_view shown =
      answer->headers.get("x-ms-immutable-storage-with-versioning-enabled");
  if (shown == "false")
    return tell(Verdict::missing, kName,
                "the container is without it: nothing in it can be locked by version");
  if (shown != "true")
    return tell(Verdict::unknown, kName,
                "the service does not say; each put is proven by what is read back");
  CAVRA_CHECK(tell(Verdict::ok, kName, "on"));
  if (settings_.policy_from == PolicyFrom::request) return {};
  const bool has_default = answer->headers.get("x-ms-has-immutability-policy") == "true";
  return tell(has_default ? Verdict::ok : Verdict::unknown, "default-policy",
              has_default ? "the container has one; how long it is each put shows"
                          : "\"policy\": \"inherit\", and the service does not say that the "
                            "container has a default policy; each put shows");
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
