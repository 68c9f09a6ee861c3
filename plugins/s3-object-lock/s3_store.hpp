// S3Store: one opening of a bucket with Object Lock. Any thread.
#pragma once

#include <atomic>
#include <memory>

#include "aws_settings.hpp"
#include "cavra/plugin_types.hpp"
#include "cloud/put_state.hpp"
#include "s3_documents.hpp"
#include "s3_service.hpp"
#include "s3_settings.hpp"

namespace cavra::s3 {

class S3Session;

class S3Store {
 public:
  // Reads settings, environment and files; asks nobody. Errors: usage.
  [[nodiscard]] static Result<std::unique_ptr<S3Store>> open(const sdk::OpenRequest& request);
  [[nodiscard]] const sdk::StoreInfo& describe() const noexcept { return info_; }
  [[nodiscard]] Result<std::unique_ptr<S3Session>> session();

  [[nodiscard]] const S3Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] S3Service& service() noexcept { return *service_; }
  [[nodiscard]] cloud::PutState& put_state() noexcept { return put_state_; }

  // Whether the service has shown in this opening that it lets us see legal holds: then a missing
  // header is "no hold".
  [[nodiscard]] bool shows_holds() const noexcept { return shows_holds_.load(); }
  void note_shows_holds() noexcept { shows_holds_.store(true); }

  // With "lock": "inherit", whether the bucket's rule gives this lock; asked for once. Errors:
  // refused.
  [[nodiscard]] Result<void> check_rule(http::Session& session, const sdk::Call& call,
                                        const sdk::Lock& lock);

 private:
  S3Store(S3Settings settings, AwsSettings aws, std::string_view state_folder);

  const S3Settings settings_;
  const AwsSettings aws_;
  sdk::StoreInfo info_;
  std::unique_ptr<S3Service> service_;
  cloud::PutState put_state_;
  std::atomic<bool> shows_holds_{false};
  std::mutex mutex_;
  std::optional<LockConfiguration> rule_;
};

}  // namespace cavra::s3
