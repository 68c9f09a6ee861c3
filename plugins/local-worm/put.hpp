// Put: how one object comes into the store, or is found there. The order of the steps is what makes
// it safe to die at any of them; durable_file.hpp has the steps.
//
// In steps, so that many objects can share what brings them to disk and what locks them
// (put_batch.hpp). One thread's; what the constructor is given outlives it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "case_index.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "durable_file.hpp"
#include "folder.hpp"
#include "object_key.hpp"
#include "sealer.hpp"
#include "store_root.hpp"
#include "stored_object.hpp"

namespace cavra::local_worm {

// Where an object goes: its store, the root as opened for this put, its folder with its flags on,
// and where its bytes lie before it has a name.
struct PutPlace {
  StoreRoot* store;
  const Folder* root;
  std::shared_ptr<const Folder> folder;
  std::shared_ptr<const Folder> staging;
};

class Put {
 public:
  // `buffer` is scratch space of the caller.
  Put(PutPlace place, const sdk::Call& call, ObjectKey key, const sdk::PutRequest& request,
      sdk::Source& source, std::span<std::byte> buffer);

  // The bytes and attributes in a file without a name; dying now leaves nothing. The outcome, and
  // nothing else to do, where the object is there already. Errors: those of cavra_storage_v1.put.
  [[nodiscard]] Result<std::optional<sdk::PutResult>> stage(Sync sync);
  // Names what stage() left, once its bytes are on disk. The outcome, and nothing else to do, where
  // another writer took the name meanwhile. The same errors.
  [[nodiscard]] Result<std::optional<sdk::PutResult>> name(Sync sync);
  // What is to be made immutable then, unless the store is advisory.
  [[nodiscard]] ToSeal to_seal() const;
  // The outcome, once it is. The same errors.
  [[nodiscard]] Result<sdk::PutResult> confirm(Sync sync);

 private:
  [[nodiscard]] Result<FileDescriptor> write_nameless_file(Sync sync);
  [[nodiscard]] Result<sdk::PutResult> join_existing(const StoredObject& object, Sync sync);
  [[nodiscard]] Result<sdk::PutResult> complete(const StoredObject& object);
  [[nodiscard]] Result<sdk::PutResult> refuse_unless_sealed_meanwhile(const Error& error);
  template <class Take>
  [[nodiscard]] Result<void> for_each_block(Take take);
  [[nodiscard]] Result<void> compare(int fd, std::uint64_t offset,
                                     std::span<const std::byte> expected);
  [[nodiscard]] Result<void> finish_source();
  [[nodiscard]] Result<void> hold_if_wanted();
  [[nodiscard]] LockAttribute wanted_attribute() const;
  [[nodiscard]] LockAttribute attribute_to_complete(const StoredObject& object) const;
  [[nodiscard]] FileAttributes attributes(std::string lock) const;

  const PutPlace place_;
  const sdk::Call& call_;
  const ObjectKey key_;
  const sdk::PutRequest& request_;
  sdk::Source& source_;
  const std::span<std::byte> buffer_;
  std::optional<CaseIndex::Claim> claim_;
  FileDescriptor staged_;  // read-only
  std::vector<std::byte> stored_;
  bool is_source_finished_ = false;
};

// One object alone, durable when it returns.
[[nodiscard]] Result<sdk::PutResult> put_object(StoreRoot& store, const sdk::Call& call,
                                                const ObjectKey& key,
                                                const sdk::PutRequest& request, sdk::Source& source,
                                                std::span<std::byte> buffer);

}  // namespace cavra::local_worm
