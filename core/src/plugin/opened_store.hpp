// OpenedStore is one open store of a plugin, and the way through which all calls to it go.
//
// Shared by the backend and its sessions, so that the store closes after the last of them. Any
// thread.
#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/abi_struct.hpp"
#include "cavra/plugin.h"
#include "cavra/plugin_registry.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "plugin/lent.hpp"
#include "plugin/loaded_plugin.hpp"

namespace cavra::plugin {

class OpenedStore {
 public:
  // Errors: what the plugin returns; internal.
  [[nodiscard]] static Result<std::shared_ptr<OpenedStore>> open(const LoadedPlugin& plugin,
                                                                 const StoreOptions& options);
  ~OpenedStore();
  OpenedStore(const OpenedStore&) = delete;
  OpenedStore& operator=(const OpenedStore&) = delete;

  [[nodiscard]] const LoadedPlugin& plugin() const noexcept { return plugin_; }
  [[nodiscard]] cavra_store* get() const noexcept { return store_; }
  // As it was at open(), but for an identity that the store did not have then: a new store may get
  // one with its first object.
  [[nodiscard]] const StoreDescription& description() const;

  // Makes one call. `body` gets a cavra_error and returns the plugin's status; `where` names the
  // call and its object for messages. `call` and `trouble` may be null.
  template <class Body>
  [[nodiscard]] Result<void> ask(std::string_view where, const LentCall* call,
                                 const Trouble* trouble, Body&& body) const;

  // An error that says that the plugin broke its contract there, and how.
  [[nodiscard]] Error broken(std::string_view where, std::string_view how) const;
  // What a function of answers.hpp gave, with plugin, store and call in the error.
  template <class Value>
  [[nodiscard]] Result<Value> checked(std::string_view where, Result<Value> answer) const {
    if (!answer) return broken(where, answer.error().message);
    return answer;
  }

 private:
  OpenedStore(const LoadedPlugin& plugin, const StoreOptions& options)
      : plugin_(plugin), name_(options.store_name), log_(options.log) {}
  [[nodiscard]] Result<StoreDescription> describe() const;
  // What became of a call: the host's own trouble first, then the plugin's status.
  [[nodiscard]] Result<void> conclude(std::string_view where, const LentCall* call,
                                      const Trouble* trouble, cavra_status status,
                                      const cavra_error& error) const;

  const LoadedPlugin& plugin_;
  std::string name_;
  LentLog log_;
  cavra_store* store_ = nullptr;
  StoreDescription description_;
  mutable std::mutex mutex_;
  mutable std::optional<StoreDescription> identified_;  // set once, under the mutex
};

template <class Body>
Result<void> OpenedStore::ask(std::string_view where, const LentCall* call, const Trouble* trouble,
                              Body&& body) const {
  auto error = abi::make<cavra_error>();
  cavra_status status = CAVRA_E_INTERNAL;
  // A plugin must throw nothing; one that does is told on, and does not end this program.
  try {
    status = std::forward<Body>(body)(&error);
  } catch (const std::exception& thrown) {
    return broken(where, std::string("threw an exception: ") + thrown.what());
  } catch (...) {
    return broken(where, "threw an exception");
  }
  return conclude(where, call, trouble, status, error);
}

}  // namespace cavra::plugin
