#include "azure_store.hpp"

#include <utility>

#include "azure_environment.hpp"
#include "azure_session.hpp"
#include "cavra/support/encoding.hpp"
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

// The policy of one account would prove the blobs of another.
Result<void> check_account(const AzureSettings& settings, const AzureAddress& address) {
  if (settings.scope == LockScope::version || address.account() == settings.account_id.account)
    return {};
  return Error{ErrorCode::usage, "/account_id: the account " + quoted(settings.account_id.account) +
                                     ", and the blob endpoint is " +
                                     quoted(address.location({}), 200) +
                                     ", which is not seen to be of that account"};
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
  CAVRA_CHECK(check_account(settings, address));
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
  if (store->settings_.scope == LockScope::container && identity->is_bearer()) {
    CAVRA_TRY(store->management_, ManagementService::make(store->settings_, identity, request.log));
  }
  return store;
}

Result<std::unique_ptr<AzureSession>> AzureStore::session() {
  CAVRA_TRY(auto session, service_->sessions().take());
  return std::make_unique<AzureSession>(*this, std::move(session));
}

}  // namespace cavra::azure
