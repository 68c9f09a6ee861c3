#include "azure_store.hpp"

#include <utility>

#include "azure_environment.hpp"
#include "azure_session.hpp"
#include "store_info.hpp"

namespace cavra::azure {

namespace {

constexpr unsigned kMaxAttempts = 8;

http::SessionOptions session_options(const AzureSettings& settings, const AzureAddress& address) {
  http::SessionOptions options;
  options.ca_file = settings.ca_file;
  options.allows_plain = address.is_plain();
  options.takes_proxy = !address.is_loopback();
  options.connections = settings.sessions;
  return options;
}

}  // namespace

AzureStore::AzureStore(AzureSettings settings, std::string_view state_folder)
    : settings_(std::move(settings)), put_state_(state_folder, settings_.sessions) {}

Result<std::unique_ptr<AzureStore>> AzureStore::open(const sdk::OpenRequest& request) {
  CAVRA_TRY(AzureSettings settings, parse_settings(request.settings_json, request.base_folder));
  CAVRA_TRY(AzureEnvironment found,
            load_azure_environment({.account = settings.account,
                                    .endpoint = settings.endpoint,
                                    .authentication = settings.authentication,
                                    .client_id = settings.client_id,
                                    .tenant_id = settings.tenant_id,
                                    .authority = settings.authority},
                                   cloud::process_environment()));
  CAVRA_TRY(AzureAddress address, AzureAddress::make(found.blob_endpoint, settings.container));
  std::unique_ptr<AzureStore> store(new AzureStore(std::move(settings), request.state_folder));
  const auto identity = std::make_shared<const AzureIdentity>(std::move(found.identity));
  store->who_ = identity->describe();
  store->info_ = describe_store(store->settings_, address);
  const http::SessionOptions session = session_options(store->settings_, address);
  store->service_ =
      std::make_unique<AzureService>(AzureAccess{.address = std::move(address),
                                                 .account = std::move(found.account),
                                                 .retry = {.max_attempts = kMaxAttempts},
                                                 .session = session,
                                                 .log = request.log},
                                     identity);
  return store;
}

Result<std::unique_ptr<AzureSession>> AzureStore::session() {
  CAVRA_TRY(auto session, service_->sessions().take());
  return std::make_unique<AzureSession>(*this, std::move(session));
}

}  // namespace cavra::azure
