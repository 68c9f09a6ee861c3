// AzureStore: one opening of a container with version-level immutability. Any thread.
#pragma once

#include <memory>

#include "azure_service.hpp"
#include "azure_settings.hpp"
#include "cavra/plugin_types.hpp"
#include "cloud/connection_budget.hpp"
#include "cloud/known_keys.hpp"
#include "cloud/upload_notes.hpp"

namespace cavra::azure {

class AzureSession;

class AzureStore {
 public:
  // Reads settings, environment and files; asks nobody. Errors: usage, unsupported.
  [[nodiscard]] static Result<std::unique_ptr<AzureStore>> open(const sdk::OpenRequest& request);
  [[nodiscard]] const sdk::StoreInfo& describe() const noexcept { return info_; }
  [[nodiscard]] Result<std::unique_ptr<AzureSession>> session();

  [[nodiscard]] const AzureSettings& settings() const noexcept { return settings_; }
  // How it says who asks, for people.
  [[nodiscard]] const std::string& who() const noexcept { return who_; }
  [[nodiscard]] AzureService& service() noexcept { return *service_; }
  [[nodiscard]] cloud::KnownKeys& known_keys() noexcept { return known_keys_; }
  [[nodiscard]] const cloud::UploadNotes& notes() const noexcept { return notes_; }
  [[nodiscard]] cloud::ConnectionBudget& connections() noexcept { return connections_; }

 private:
  AzureStore(AzureSettings settings, cloud::UploadNotes notes);

  const AzureSettings settings_;
  std::string who_;
  sdk::StoreInfo info_;
  std::unique_ptr<AzureService> service_;
  cloud::KnownKeys known_keys_;
  cloud::UploadNotes notes_;
  cloud::ConnectionBudget connections_;
};

}  // namespace cavra::azure
