// S3Service addresses and signs what is asked of one bucket, and says what its refusals mean.
//
// Region and credentials that an answer corrects are kept. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "cloud/service.hpp"
#include "credential_provider.hpp"
#include "s3_address.hpp"
#include "service_error.hpp"

namespace cavra::s3 {

using cloud::Ask;
using http::QueryParameters;

// What a service is asked with.
struct S3Access {
  S3Address address;
  std::string expected_bucket_owner;
  http::RetryPolicy retry;
  http::SessionOptions session;
  sdk::Log log;
};

class S3Service final : public cloud::Service {
 public:
  S3Service(const S3Access& access, const AwsSettings& aws);

  [[nodiscard]] S3Address address() const;

 private:
  struct S3Attempts;
  [[nodiscard]] std::unique_ptr<Attempts> first_attempt() const override;
  [[nodiscard]] Result<http::Request> make(const sdk::Call& call, const Ask& ask,
                                           Attempts& attempts) override;
  [[nodiscard]] cloud::Refusal refusal(const http::Response& response, std::string_view doing,
                                       std::string_view action) const override;
  [[nodiscard]] std::string refusal_text(const http::Response& response) const override;
  [[nodiscard]] bool correct(Remedy remedy, Attempts& attempts,
                             const http::Response& response) override;
  [[nodiscard]] std::string place() const override;

  const std::string expected_bucket_owner_;
  const std::unique_ptr<CredentialProvider> credentials_;
  mutable std::mutex mutex_;
  S3Address address_;
};

}  // namespace cavra::s3
