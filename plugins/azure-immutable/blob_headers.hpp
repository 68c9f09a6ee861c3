// The headers of one blob: type, metadata, encryption, tier, and with "explicit" its policy.
#pragma once

#include "azure_settings.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "http/headers.hpp"

namespace cavra::azure {

// What Put Blob and Put Block List take. Errors: usage (metadata that no header can be).
[[nodiscard]] Result<http::Headers> blob_headers(const AzureSettings& settings,
                                                 const sdk::PutRequest& request);

}  // namespace cavra::azure
