// S3Store: one opening of a bucket with Object Lock. Any thread.
#pragma once

#include <atomic>
#include <memory>

#include "aws_settings.hpp"
#include "cavra/plugin_types.hpp"
#include "cloud/connection_budget.hpp"
#include "cloud/known_keys.hpp"
#include "cloud/upload_notes.hpp"
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
  [[nodiscard]] cloud::KnownKeys& known_keys() noexcept { return known_keys_; }
  [[nodiscard]] const cloud::UploadNotes& notes() const noexcept { return notes_; }
  [[nodiscard]] cloud::ConnectionBudget& connections() noexcept { return connections_; }

  // Whether the service has shown in this opening that it lets us see legal holds: then a missing
  // header is "no hold".
  [[nodiscard]] bool shows_holds() const noexcept { return shows_holds_.load(); }
  void note_shows_holds() noexcept { shows_holds_.store(true); }

  // With "lock": "inherit", whether the bucket's rule gives this lock; asked for once. Errors:
  // refused.
  [[nodiscard]] Result<void> check_rule(http::Session& session, const sdk::Call& call,
                                        const sdk::Lock& lock);

 private:
  S3Store(S3Settings settings, AwsSettings aws, cloud::UploadNotes notes);

  const S3Settings settings_;
  const AwsSettings aws_;
  sdk::StoreInfo info_;
  std::unique_ptr<S3Service> service_;
  cloud::KnownKeys known_keys_;
  cloud::UploadNotes notes_;
  cloud::ConnectionBudget connections_;
  std::atomic<bool> shows_holds_{false};
  std::mutex mutex_;
  std::optional<LockConfiguration> rule_;
};

}  // namespace cavra::s3
