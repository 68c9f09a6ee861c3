#include "plugin/opened_store.hpp"

#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"
#include "plugin/answers.hpp"

namespace cavra::plugin {

Result<std::shared_ptr<OpenedStore>> OpenedStore::open(const LoadedPlugin& plugin,
                                                       const StoreOptions& options) {
  // No make_shared: the constructor is private.
  std::shared_ptr<OpenedStore> opened(new OpenedStore(plugin, options));
  const LentCall call(options.call);
  const std::string settings = compact_json(options.settings);
  const std::string folder = options.base_folder.string();
  const std::string state = options.state_folder.string();
  auto request = abi::make<cavra_open_request>();
  request.max_sessions = options.max_sessions;
  request.settings_json = abi::str(settings);
  request.base_folder = abi::str(folder);
  request.max_buffer_bytes = options.max_buffer_bytes;
  request.call = call.get();
  request.log = opened->log_.get();
  request.state_folder = abi::str(state);
  cavra_store* store = nullptr;
  CAVRA_CHECK(opened->ask("open", &call, nullptr, [&](cavra_error* error) {
    return plugin.storage.open(&request, &store, error);
  }));
  if (store == nullptr) return opened->broken("open", "says that it is open, and gives no store");
  opened->store_ = store;
  CAVRA_TRY(opened->description_, opened->describe());
  return opened;
}

OpenedStore::~OpenedStore() {
  if (store_ == nullptr) return;
  try {
    plugin_.storage.close(store_);
  } catch (...) {  // it must not, and there is nobody left to tell
  }
}

Result<StoreDescription> OpenedStore::describe() const {
  auto info = abi::make<cavra_store_info>();
  CAVRA_CHECK(ask("describe", nullptr, nullptr, [&](cavra_error* error) {
    return plugin_.storage.describe(store_, &info, error);
  }));
  CAVRA_TRY(StoreDescription store, checked("describe", read_store_info(info)));
  if (store.has_legal_hold && plugin_.storage.set_hold == nullptr)
    return broken("describe", "tells of legal holds and offers no set_hold");
  store.plugin_id = plugin_.facts.id;
  store.plugin_version = plugin_.facts.version;
  store.plugin_sha256 = plugin_.facts.sha256;
  return store;
}

const StoreDescription& OpenedStore::description() const {
  if (!description_.identity.empty()) return description_;
  const std::lock_guard guard(mutex_);
  if (!identified_) {
    const auto now = describe();
    if (!now || now->identity.empty()) return description_;
    identified_ = description_;
    identified_->identity = now->identity;
  }
  return *identified_;
}

Result<void> OpenedStore::conclude(std::string_view where, const LentCall* call,
                                   const Trouble* trouble, cavra_status status,
                                   const cavra_error& error) const {
  if (trouble != nullptr) {
    if (auto own = trouble->verdict()) {
      if (trouble->is_breach()) return broken(where, own->message);
      if (status == CAVRA_OK)
        own->message += "; the plugin of store " + quoted(name_) + " went on all the same";
      return *std::move(own);
    }
  }
  if (status == CAVRA_OK) return {};
  Error failure = read_failure(status, error);
  if (failure.code == ErrorCode::internal) return broken(where, failure.message);
  if (failure.code == ErrorCode::cancelled && (call == nullptr || !call->is_cancelled()))
    return broken(where, "says that it was cancelled, and nobody did: " + failure.message);
  failure.message = "store " + quoted(name_) + ": " + failure.message;
  return failure;
}

Error OpenedStore::broken(std::string_view where, std::string_view how) const {
  return {ErrorCode::internal, "store " + quoted(name_) + ": a bug in plugin " + plugin_.facts.id +
                                   ' ' + plugin_.facts.version + ", " + std::string(where) + ": " +
                                   printable(how, 2000)};
}

}  // namespace cavra::plugin
