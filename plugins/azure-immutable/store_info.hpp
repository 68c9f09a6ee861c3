// What describe() tells of a container. A pure function.
#pragma once

#include "azure_address.hpp"
#include "azure_settings.hpp"
#include "cavra/plugin_types.hpp"

namespace cavra::azure {

[[nodiscard]] sdk::StoreInfo describe_store(const AzureSettings& settings,
                                            const AzureAddress& address);

}  // namespace cavra::azure
