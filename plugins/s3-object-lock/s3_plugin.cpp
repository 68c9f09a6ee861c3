// The plugin's one exported symbol.
#include "cavra/plugin.hpp"
#include "s3_session.hpp"
#include "s3_settings.hpp"
#include "s3_store.hpp"

namespace cavra::s3 {
namespace {

constexpr sdk::PluginInfo kInfo{.id = "org.cavra.s3-object-lock",
                                .version = CAVRA_S3_OBJECT_LOCK_VERSION,
                                .vendor = "CAVRA",
                                .licence = "Apache-2.0",
                                .settings_schema = kSettingsSchema};

}  // namespace
}  // namespace cavra::s3

CAVRA_PLUGIN(cavra::s3::kInfo, cavra::s3::S3Store)
