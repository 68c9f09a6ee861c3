// LocalWormSession: the calls of one worker on a local WORM store. One thread at a time; the store
// outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "listing.hpp"
#include "local_worm_store.hpp"
#include "stored_object.hpp"

namespace cavra::local_worm {

class LocalWormSession {
 public:
  static constexpr std::uint32_t kMaxBatchObjects = 256;

  explicit LocalWormSession(LocalWormStore& store);

  // The calls of cavra_storage_v1, with its error codes.
  [[nodiscard]] Result<sdk::PutResult> put(const sdk::Call& call, const sdk::PutRequest& request,
                                           sdk::Source& source);
  [[nodiscard]] Result<void> put_many(const sdk::Call& call, std::span<sdk::PutItem> items);
  [[nodiscard]] Result<void> barrier(const sdk::Call& call);
  [[nodiscard]] Result<sdk::ObjectInfo> stat(const sdk::Call& call, std::string_view key,
                                             std::string_view version);
  [[nodiscard]] Result<void> get(const sdk::Call& call, std::string_view key,
                                 std::string_view version, std::uint64_t offset, sdk::Sink& sink);
  [[nodiscard]] Result<std::string> list(const sdk::Call& call, const sdk::ListRequest& request,
                                         sdk::ListSink& sink);
  [[nodiscard]] Result<void> raise_lock(const sdk::Call& call, std::string_view key,
                                        std::string_view version, const sdk::Lock& lock);
  [[nodiscard]] Result<void> set_hold(const sdk::Call& call, std::string_view key,
                                      std::string_view version);
  [[nodiscard]] Result<void> clear_hold(const sdk::Call& call, std::string_view key,
                                        std::string_view version);
  [[nodiscard]] Result<void> probe(const sdk::Call& call, sdk::ProbeSink& sink);
  [[nodiscard]] Result<void> seal(const sdk::Call& call, std::string_view prefix);
  [[nodiscard]] Result<sdk::AttemptOutcome> attempt(const sdk::Call& call, sdk::Attempt act,
                                                    std::string_view key, std::string_view version);

 private:
  // Where an object is or would be.
  struct Place {
    Folder root;
    ObjectKey key;
  };
  struct Found {
    Place place;
    StoredObject object;
  };
  // Errors: not_found, where there is no store yet or a version is named.
  [[nodiscard]] Result<Place> place_of(const sdk::Call& call, std::string_view key,
                                       std::string_view version);
  // The object there. The same errors.
  [[nodiscard]] Result<Found> find(const sdk::Call& call, std::string_view key,
                                   std::string_view version);
  // The same for an act on its lock. Errors: also refused, where it is not locked yet.
  [[nodiscard]] Result<Found> find_locked(const sdk::Call& call, std::string_view key,
                                          std::string_view version);

  // Whether this store can give such a lock at all. Errors: refused.
  [[nodiscard]] Result<void> check_lock(const sdk::Lock& lock) const;
  // The same for all of a request. Errors: also usage.
  [[nodiscard]] Result<void> check_request(const sdk::PutRequest& request,
                                           const sdk::Source& source) const;
  // Taken with the first call that needs it.
  [[nodiscard]] std::span<std::byte> buffer();

  LocalWormStore& store_;
  StoreRoot& root_;
  std::vector<std::byte> buffer_;
  std::optional<Folder> unsynced_;  // the root as opened before what a barrier has to sync
  std::optional<Listing> listing_;  // where the last page of a listing ended
};

}  // namespace cavra::local_worm
