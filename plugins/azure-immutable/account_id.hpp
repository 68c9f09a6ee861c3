// A storage account as Azure's management names it. A value.
//
// https://learn.microsoft.com/rest/api/storagerp/blob-containers/get-immutability-policy
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::azure {

struct AccountId {
  std::string subscription{};
  std::string resource_group{};
  std::string account{};

  // The path of what a container's policy is, percent-encoded.
  [[nodiscard]] std::string policy_path(std::string_view container) const;
};

// "/subscriptions/S/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/A". Errors: usage.
[[nodiscard]] Result<AccountId> parse_account_id(std::string_view text);

}  // namespace cavra::azure
