// ManagementService asks Azure's management (ARM) for the immutability policy of one container.
//
// Reads alone, and by tokens alone. Any thread.
// https://learn.microsoft.com/rest/api/storagerp/blob-containers/get-immutability-policy
#pragma once

#include <memory>
#include <string>

#include "authorizer.hpp"
#include "azure_settings.hpp"
#include "cloud/service.hpp"
#include "container_policy.hpp"

namespace cavra::azure {

// The right that it needs.
inline constexpr std::string_view kReadPolicy =
    "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/read";

class ManagementService final : public cloud::Service {
 public:
  // Of an identity that has tokens. Errors: usage (an endpoint that is no URL, or another machine's
  // without TLS).
  [[nodiscard]] static Result<std::unique_ptr<ManagementService>> make(
      const AzureSettings& settings, std::shared_ptr<const AzureIdentity> identity, sdk::Log log);

  // A request of its own, each time. Errors: usage (no such container or account), forbidden, io,
  // unavailable, unproven (a policy that nobody can read); cancelled and timeout, by the call.
  [[nodiscard]] Result<ContainerPolicy> get_policy(http::Session& session, const sdk::Call& call);

 private:
  struct ManagementAttempts;
  ManagementService(const AzureSettings& settings, const http::SessionOptions& session,
                    std::shared_ptr<const AzureIdentity> identity, sdk::Log log);
  [[nodiscard]] std::unique_ptr<Attempts> first_attempt() const override;
  [[nodiscard]] Result<http::Request> make(const sdk::Call& call, const cloud::Ask& ask,
                                           Attempts& attempts) override;
  [[nodiscard]] cloud::Refusal refusal(const http::Response& response, std::string_view doing,
                                       std::string_view action) const override;
  [[nodiscard]] std::string refusal_text(const http::Response& response) const override;
  [[nodiscard]] bool correct(cloud::Remedy remedy, Attempts& attempts,
                             const http::Response& response) override;
  [[nodiscard]] std::string place() const override;

  const std::string path_;
  const std::string url_;
  const std::string place_;
  Authorizer authorizer_;
};

}  // namespace cavra::azure
