// Where a container is: the URL and the path of what is asked for there.
//
// A value.
// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
#pragma once

#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cloud/http_url.hpp"

namespace cavra::azure {

class AzureAddress {
 public:
  // `endpoint` with the account in its path, where the server is no cloud's (Azurite). Errors:
  // usage (no URL, http:// to another machine).
  [[nodiscard]] static Result<AzureAddress> make(std::string_view endpoint,
                                                 std::string_view container);

  [[nodiscard]] bool is_plain() const noexcept { return !endpoint_.is_tls; }
  [[nodiscard]] bool is_loopback() const { return endpoint_.is_loopback(); }
  // Whose it is, as far as it shows: the host's first word, and on this machine the path's.
  [[nodiscard]] std::string account() const;
  // Encoded once. An empty key: the container.
  [[nodiscard]] std::string path(std::string_view key) const;
  // `query` encoded, or empty.
  [[nodiscard]] std::string url(std::string_view path, std::string_view query) const;
  // For people and receipts: "https://account.blob.core.windows.net/container/prefix".
  [[nodiscard]] std::string location(std::string_view prefix) const;

 private:
  cloud::HttpUrl endpoint_;
  std::string base_;  // the endpoint's path, without a slash at its end
  std::string container_;
};

}  // namespace cavra::azure
