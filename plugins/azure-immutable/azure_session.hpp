// AzureSession: the calls of one worker on a container. One thread at a time; the store outlives
// it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "azure_store.hpp"
#include "blob_versions.hpp"
#include "container_lock.hpp"

namespace cavra::azure {

class AzureSession {
 public:
  AzureSession(AzureStore& store, std::unique_ptr<http::Session> session)
      : store_(store),
        session_(std::move(session)),
        container_lock_(store.settings(), store.management(), store.who()) {}
  ~AzureSession() { store_.service().sessions().give_back(std::move(session_)); }
  AzureSession(const AzureSession&) = delete;
  AzureSession& operator=(const AzureSession&) = delete;

  // The calls of cavra_storage_v1, with its error codes.
  [[nodiscard]] Result<sdk::PutResult> put(const sdk::Call& call, const sdk::PutRequest& request,
                                           sdk::Source& source);
  [[nodiscard]] Result<sdk::ObjectInfo> stat(const sdk::Call& call, std::string_view key,
                                             std::string_view version);
  [[nodiscard]] Result<void> get(const sdk::Call& call, std::string_view key,
                                 std::string_view version, std::uint64_t offset, sdk::Sink& sink);
  [[nodiscard]] Result<sdk::ObjectInfo> read(const sdk::Call& call, std::string_view key,
                                             std::string_view version, sdk::Sink& sink);
  [[nodiscard]] Result<std::string> list(const sdk::Call& call, const sdk::ListRequest& request,
                                         sdk::ListSink& sink);
  [[nodiscard]] Result<void> raise_lock(const sdk::Call& call, std::string_view key,
                                        std::string_view version, const sdk::Lock& lock);
  [[nodiscard]] Result<void> set_hold(const sdk::Call& call, std::string_view key,
                                      std::string_view version);
  [[nodiscard]] Result<void> clear_hold(const sdk::Call& call, std::string_view key,
                                        std::string_view version);
  [[nodiscard]] Result<void> probe(const sdk::Call& call, sdk::ProbeSink& sink);
  [[nodiscard]] Result<sdk::AttemptOutcome> attempt(const sdk::Call& call, sdk::Attempt act,
                                                    std::string_view key, std::string_view version);

 private:
  // With the lock that the blob has by its own policy, or by the container's.
  [[nodiscard]] Result<sdk::ObjectInfo> info_of(const Asking& ask, ShownBlob shown);
  [[nodiscard]] bool is_container_scope() const {
    return store_.settings().scope == LockScope::container;
  }
  [[nodiscard]] Asking asking(const sdk::Call& call) { return {store_.service(), *session_, call}; }
  [[nodiscard]] Result<http::Response> read_from(const Asking& ask, std::string_view key,
                                                 std::string_view version, std::uint64_t offset,
                                                 sdk::Sink& sink);

  AzureStore& store_;
  std::unique_ptr<http::Session> session_;
  ContainerLock container_lock_;  // of LockScope::container
};

}  // namespace cavra::azure
