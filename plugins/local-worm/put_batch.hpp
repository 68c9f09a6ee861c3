// Many small objects into the store at once: they share what brings them to disk.
//
// All bytes, one sync of the file system; then all names and flags, and one more sync, which is the
// barrier. So a name on disk always leads to whole bytes, as with one object alone.
#pragma once

#include <cstddef>
#include <span>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"
#include "store_root.hpp"

namespace cavra::local_worm {

// Each object of a lot keeps a descriptor open until it is locked: how many a lot may have, so that
// `sessions` of them leave the process enough of its limit.
[[nodiscard]] std::size_t max_lot_objects(std::size_t sessions) noexcept;

// Puts each item, and sets its `result`. Not durable before sync_file_system(root). `root` was
// opened before; `buffer` is scratch space.
void put_batch(StoreRoot& store, const Folder& root, const sdk::Call& call,
               std::span<sdk::PutItem> items, std::size_t lot_objects, std::span<std::byte> buffer);

}  // namespace cavra::local_worm
