#include "azure_address.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::azure {

Result<AzureAddress> AzureAddress::make(std::string_view endpoint, std::string_view container) {
  // It is not repeated: people paste signatures with it.
  auto url = cloud::parse_http_url(endpoint);
  if (!url)
    return Error{ErrorCode::usage,
                 "the blob endpoint (\"endpoint\", AZURE_STORAGE_BLOB_ENDPOINT, or the connection "
                 "string's) is no http or https URL"};
  if (!url->query.empty())
    return Error{ErrorCode::usage, "the blob endpoint of " + quoted(url->authority, 200) +
                                       " has a query: a signature belongs into "
                                       "AZURE_STORAGE_SAS_TOKEN"};
  if (!url->is_tls && !url->is_loopback())
    return Error{ErrorCode::usage, "the blob endpoint of " + quoted(url->authority, 200) +
                                       " would be asked without TLS: http:// is for this machine "
                                       "alone"};
  AzureAddress address;
  address.base_ = url->path;
  while (address.base_.ends_with('/'))
    address.base_.pop_back();
  address.endpoint_ = *std::move(url);
  address.container_ = container;
  return address;
}

std::string AzureAddress::account() const {
  if (!is_loopback()) return endpoint_.host.substr(0, endpoint_.host.find('.'));
  const std::string_view path = std::string_view(base_).substr(base_.empty() ? 0 : 1);
  return std::string(path.substr(0, path.find('/')));
}

std::string AzureAddress::path(std::string_view key) const {
  std::string path = base_ + "/" + container_;
  if (!key.empty()) path += "/" + http::encode_path(key);
  return path;
}

std::string AzureAddress::url(std::string_view path, std::string_view query) const {
  std::string url = endpoint_.is_tls ? "https://" : "http://";
  url += endpoint_.authority;
  url += path;
  if (!query.empty()) url.append("?").append(query);
  return url;
}

std::string AzureAddress::location(std::string_view prefix) const {
  std::string location = url(base_ + "/" + container_, {});
  if (!prefix.empty()) location.append("/").append(prefix);
  return location;
}

}  // namespace cavra::azure
