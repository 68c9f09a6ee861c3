#include "account_id.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "http/percent_encoding.hpp"

namespace cavra::azure {

namespace {

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    if (end == path.size()) return parts;
    path.remove_prefix(end + 1);
  }
}

// Of a part that becomes a part of a path and of a command: none that leads elsewhere.
bool is_name(std::string_view part) {
  return !part.empty() && !part.ends_with('.') && std::ranges::none_of(part, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\'' || c == '"' || c == '`' || c == '\\' ||
           c == '%' || c == '\x7f';
  });
}

}  // namespace

std::string AccountId::policy_path(std::string_view container) const {
  return "/subscriptions/" + http::encode_component(subscription) + "/resourceGroups/" +
         http::encode_component(resource_group) + "/providers/Microsoft.Storage/storageAccounts/" +
         http::encode_component(account) + "/blobServices/default/containers/" +
         http::encode_component(container) + "/immutabilityPolicies/default";
}

Result<AccountId> parse_account_id(std::string_view text) {
  // An empty one takes any name.
  constexpr std::array<std::string_view, 9> kShape{"",
                                                   "subscriptions",
                                                   "",
                                                   "resourceGroups",
                                                   "",
                                                   "providers",
                                                   "Microsoft.Storage",
                                                   "storageAccounts",
                                                   ""};
  const std::vector<std::string_view> parts = parts_of(text);
  bool fits = parts.size() == kShape.size() && parts.front().empty();
  for (std::size_t i = 1; fits && i < kShape.size(); ++i)
    fits = kShape.at(i).empty() ? is_name(parts[i]) : parts[i] == kShape.at(i);
  if (!fits)
    return Error{ErrorCode::usage,
                 "/account_id: it is no storage account as the management names it "
                 "(\"/subscriptions/…/resourceGroups/…/providers/Microsoft.Storage/"
                 "storageAccounts/…\")"};
  return AccountId{std::string(parts[2]), std::string(parts[4]), std::string(parts[8])};
}

}  // namespace cavra::azure
