#include "connection_string.hpp"

#include <algorithm>
#include <set>

namespace cavra::azure {

namespace {

Error wrong(const std::string& why) {
  return {ErrorCode::usage, "AZURE_STORAGE_CONNECTION_STRING: " + why};
}

}  // namespace

Result<ConnectionString> parse_connection_string(std::string_view text) {
  ConnectionString found;
  std::set<std::string_view> names;
  std::string protocol = "https";
  std::string suffix = "core.windows.net";
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      return wrong("part " + std::to_string(number) + " of it has no '='");
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = part.substr(equals + 1);
    if (!names.emplace(name).second)
      return wrong("part " + std::to_string(number) + " of it is of a name that was there before");
    if (name == "AccountName") {
      found.account = value;
    } else if (name == "AccountKey") {
      found.key = value;
    } else if (name == "SharedAccessSignature") {
      found.sas = value.starts_with('?') ? value.substr(1) : value;
    } else if (name == "BlobEndpoint") {
      found.blob_endpoint = value;
    } else if (name == "DefaultEndpointsProtocol") {
      protocol = value;
    } else if (name == "EndpointSuffix") {
      suffix = value;
    } else if (name == "UseDevelopmentStorage") {
      return wrong(
          "UseDevelopmentStorage is not read: write AccountName, AccountKey and "
          "BlobEndpoint as the emulator tells them");
    } else if (!name.ends_with("Endpoint")) {  // those of other services
      return wrong("part " + std::to_string(number) + " of it is not known here");
    }
  }
  if (!found.key.empty() && !found.sas.empty())
    return wrong("it has both AccountKey and SharedAccessSignature; leave one out");
  if (found.blob_endpoint.empty() && !found.account.empty())
    found.blob_endpoint = protocol + "://" + found.account + ".blob." + suffix;
  if (found.blob_endpoint.empty()) return wrong("it has neither AccountName nor BlobEndpoint");
  return found;
}

}  // namespace cavra::azure
