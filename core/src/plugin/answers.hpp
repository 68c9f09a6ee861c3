// Turns what a plugin answers into the core's types, and refuses what cannot be (invariant I8).
//
// Errors are `internal` and say which field is wrong; the caller adds plugin, store and call. Pure.
#pragma once

#include <string>

#include "cavra/plugin.h"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::plugin {

[[nodiscard]] Result<StoreDescription> read_store_info(const cavra_store_info& info);
[[nodiscard]] Result<PutResult> read_put_result(const cavra_put_result& result);
[[nodiscard]] Result<ObjectInfo> read_object_info(const cavra_object_info& info);
// A null entry or item is refused.
[[nodiscard]] Result<ListEntry> read_list_entry(const cavra_list_entry* entry);
[[nodiscard]] Result<ProbeItem> read_probe_item(const cavra_probe_item* item);

// The failure that a call returned. An unknown status is `internal`; the text is cut to its array
// and made printable.
[[nodiscard]] Error read_failure(cavra_status status, const cavra_error& error);

}  // namespace cavra::plugin
