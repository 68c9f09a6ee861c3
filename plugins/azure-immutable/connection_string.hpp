// AZURE_STORAGE_CONNECTION_STRING: "AccountName=…;AccountKey=…;BlobEndpoint=…".
//
// It has secrets in it: errors name its parts, never their values. Pure: any thread.
// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::azure {

struct ConnectionString {
  std::string account;
  std::string blob_endpoint;  // as it says, or built of protocol and suffix; may be empty
  cloud::WipedText key;       // base64; or empty
  cloud::WipedText sas;       // without '?'; or empty
};

// Errors: usage.
[[nodiscard]] Result<ConnectionString> parse_connection_string(std::string_view text);

}  // namespace cavra::azure
