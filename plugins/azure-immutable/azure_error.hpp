// What the blob service says when it says no, and what follows from it.
//
// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes. Pure: any thread.
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cloud/service.hpp"
#include "http/message.hpp"

namespace cavra::azure {

struct AzureError {
  int status = 0;
  std::string code;        // "BlobNotFound": of the header, else of the body
  std::string message;     // the service's words, its first line
  std::string request_id;  // for Microsoft's support

  // "409 BlobAlreadyExists (The specified blob already exists.), request 4f…"
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] AzureError azure_error(const http::Response& response);

[[nodiscard]] cloud::Remedy remedy_of(const AzureError& error, const http::Response& response);

// A create-only write found something there, of whatever kind.
[[nodiscard]] bool says_exists(const AzureError& error);
// It does not know who asks, whatever it is that is asked for.
[[nodiscard]] bool is_about_identity(const AzureError& error);

// `action` is the data action that the request needs: where it is denied, it is named.
[[nodiscard]] Error to_error(const AzureError& error, std::string_view doing,
                             std::string_view action);

}  // namespace cavra::azure
