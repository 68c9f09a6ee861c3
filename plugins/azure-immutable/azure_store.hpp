// AzureStore: one opening of a container with immutability. Any thread.
#pragma once

#include <memory>

#include "azure_service.hpp"
#include "azure_settings.hpp"
#include "cavra/plugin_types.hpp"
#include "cloud/put_state.hpp"
#include "management_service.hpp"

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
  // Null: another scope than the container's, or who asks has no tokens.
  [[nodiscard]] ManagementService* management() noexcept { return management_.get(); }
  [[nodiscard]] cloud::PutState& put_state() noexcept { return put_state_; }

 private:
  AzureStore(AzureSettings settings, std::string_view state_folder);

  const AzureSettings settings_;
  std::string who_;
  sdk::StoreInfo info_;
  std::unique_ptr<AzureService> service_;
  std::unique_ptr<ManagementService> management_;
  cloud::PutState put_state_;
};

}  // namespace cavra::azure
