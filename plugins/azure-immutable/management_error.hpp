// What Azure's management says when it says no. Pure: any thread.
//
// https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cloud/service.hpp"
#include "http/message.hpp"

namespace cavra::azure {

struct ManagementError {
  int status = 0;
  std::string code{};        // "AuthorizationFailed"
  std::string message{};     // its words, the first line
  std::string request_id{};  // for Microsoft's support

  // "403 AuthorizationFailed (The client …), request 4f…"
  [[nodiscard]] std::string text() const;
  // The container is there, and has no policy.
  [[nodiscard]] bool is_no_policy() const;
};

[[nodiscard]] ManagementError management_error(const http::Response& response);
[[nodiscard]] cloud::Remedy remedy_of(const ManagementError& error);
// `action` is named where it is denied.
[[nodiscard]] Error to_error(const ManagementError& error, std::string_view doing,
                             std::string_view action);

}  // namespace cavra::azure
