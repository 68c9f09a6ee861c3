// The configuration file.
#include "cavra/config.hpp"

#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_config(std::string_view bytes) {
  const auto config = Config::parse(bytes, "/folder/.cavra/config.json");
  if (!config) return require_fine(config.error());
  for (const auto& path : {config->trust_roots, config->receipt_trust_roots, config->receipt_key})
    require(!path || path->is_absolute(), "paths are absolute");
  require(config->receipts.is_absolute() && config->state.is_absolute(), "paths are absolute");
  for (const auto& [name, store] : config->stores) {
    require(store.settings.is_object(), "settings are an object");
    require(store.plugin.name.empty() != store.plugin.path.empty(), "a name or a path");
    require(config->store(name).has_value(), "a store that is there is found");
  }
  const auto missing = config->store("no such store \x1b");
  require(!missing, "a store that is not there is not found");
  require_fine(missing.error());
}

}  // namespace cavra::fuzz
