// open_backend() makes a StorageBackend of a plugin's "cavra.storage/1".
//
// A plugin is not trusted for what can be checked (invariant I8): each answer is checked before
// the core sees it. Threads: as StorageBackend.
#pragma once

#include <memory>

#include "cavra/plugin_registry.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "plugin/loaded_plugin.hpp"

namespace cavra::plugin {

// The settings have been checked. Errors: what the plugin returns; internal.
[[nodiscard]] Result<std::unique_ptr<StorageBackend>> open_backend(const LoadedPlugin& plugin,
                                                                   const StoreOptions& options);

}  // namespace cavra::plugin
