// AzureService addresses and authorises what is asked of one container, and says what its refusals
// mean.
//
// Any thread.
#pragma once

#include <memory>
#include <string>

#include "authorizer.hpp"
#include "azure_address.hpp"
#include "azure_error.hpp"
#include "cloud/service.hpp"

namespace cavra::azure {

using cloud::Ask;

// What a service is asked with.
struct AzureAccess {
  AzureAddress address;
  std::string account;
  http::RetryPolicy retry;
  http::SessionOptions session;
  sdk::Log log;
};

class AzureService final : public cloud::Service {
 public:
  AzureService(const AzureAccess& access, std::shared_ptr<const AzureIdentity> identity);

  [[nodiscard]] const AzureAddress& address() const noexcept { return address_; }

 private:
  struct AzureAttempts;
  [[nodiscard]] std::unique_ptr<Attempts> first_attempt() const override;
  [[nodiscard]] Result<http::Request> make(const sdk::Call& call, const Ask& ask,
                                           Attempts& attempts) override;
  [[nodiscard]] cloud::Refusal refusal(const http::Response& response, std::string_view doing,
                                       std::string_view action) const override;
  [[nodiscard]] std::string refusal_text(const http::Response& response) const override;
  [[nodiscard]] bool correct(cloud::Remedy remedy, Attempts& attempts,
                             const http::Response& response) override;
  [[nodiscard]] std::string place() const override { return address_.location(""); }

  const AzureAddress address_;
  Authorizer authorizer_;
};

}  // namespace cavra::azure
