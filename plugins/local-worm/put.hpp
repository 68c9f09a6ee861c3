// put(): how one object comes into the store, or is found there. The order of the steps is what
// makes it safe to die at any of them; durable_file.hpp has the steps.
#pragma once

#include <cstddef>
#include <span>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"
#include "object_key.hpp"
#include "store_root.hpp"

namespace cavra::local_worm {

// `buffer` is scratch space of the caller. Errors: those of cavra_storage_v1.put.
[[nodiscard]] Result<sdk::PutResult> put_object(StoreRoot& store, const sdk::Call& call,
                                                const ObjectKey& key,
                                                const sdk::PutRequest& request, sdk::Source& source,
                                                std::span<std::byte> buffer);

}  // namespace cavra::local_worm
