// LoadedPlugin is a plugin whose code is in the process and whose words about itself are checked.
//
// Never destroyed once loaded. Immutable: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cavra/json.hpp"
#include "cavra/plugin.h"
#include "cavra/plugin_registry.hpp"
#include "cavra/support/result.hpp"
#include "plugin/sealed_file.hpp"

namespace cavra {

class LoadedPlugin {
 public:
  PluginFacts facts;
  JsonSchema settings;
  // As this program knows them: entries that the plugin does not have are null.
  cavra_storage_v1 storage{};
  std::optional<cavra_storage_batch_v1> batch{};
  std::optional<cavra_storage_destructive_test_v1> destructive_test{};
};

namespace plugin {

// Checks the sealed bytes, loads them, and asks the plugin what it is. `name` and `file` are for
// the facts. The result lives until the process ends. Errors: usage (not fit to load, and why),
// unsupported (another ABI; no storage).
[[nodiscard]] Result<const LoadedPlugin*> load_plugin(SealedFile sealed, const std::string& name,
                                                      const std::filesystem::path& file);

// What cavra_plugin_get gave, checked. Errors: as load_plugin().
[[nodiscard]] Result<LoadedPlugin> read_plugin(const cavra_plugin* given);

}  // namespace plugin

}  // namespace cavra
