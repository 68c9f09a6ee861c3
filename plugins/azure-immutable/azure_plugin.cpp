// The plugin's one exported symbol.
#include "azure_session.hpp"
#include "azure_settings.hpp"
#include "azure_store.hpp"
#include "cavra/plugin.hpp"

namespace cavra::azure {
namespace {

constexpr sdk::PluginInfo kInfo{.id = "org.cavra.azure-immutable",
                                .version = CAVRA_AZURE_IMMUTABLE_VERSION,
                                .vendor = "CAVRA",
                                .licence = "Apache-2.0",
                                .settings_schema = kSettingsSchema};

}  // namespace
}  // namespace cavra::azure

CAVRA_PLUGIN(cavra::azure::kInfo, cavra::azure::AzureStore)
