// The identity of what this runs on, as the environment names it: of App Service and its like, or
// of a virtual machine.
//
// Asks nobody. Errors: usage, unsupported (Azure Arc, Service Fabric, Cloud Shell: they have ways
// of their own); each names the variable, never its value. Any thread.
#pragma once

#include "azure_environment.hpp"
#include "entra_application.hpp"

namespace cavra::azure {

// None: this is no App Service.
[[nodiscard]] FoundIdentity find_app_service(const AzureOptions& options,
                                             const cloud::Environment& environment);
// Where nothing says otherwise there may be one: it shows when it is asked.
[[nodiscard]] Result<AzureIdentity> find_machine(const AzureOptions& options,
                                                 const cloud::Environment& environment);

}  // namespace cavra::azure
