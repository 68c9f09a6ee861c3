// Says who asks: adds to a request what the service wants to see of it.
//
// All calls from any thread. No secret is in an error or a log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "azure_identity.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cloud/renewed.hpp"
#include "http/headers.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::azure {

// A request before it is authorised: all that is sent of it but x-ms-date and Authorization.
struct UnauthorizedRequest {
  std::string method;
  std::string path;             // percent-encoded, as it is sent
  http::QueryParameters query;  // decoded
  http::Headers headers;
  std::uint64_t body_bytes = 0;  // Content-Length, which libcurl sends
};

class Authorizer {
 public:
  // `clock`: the service's, as far as it was told. `account` as Shared Key signs it. `audience`:
  // whom a bearer's token is for.
  Authorizer(std::shared_ptr<const AzureIdentity> identity, std::string account,
             cloud::UnixClock clock, std::string_view audience);

  // What to add. `token` is empty but for bearers; it is for forget().
  struct Authorized {
    http::Headers headers;  // x-ms-date, Authorization
    std::string query;      // a SAS, as it stands; or empty
    cloud::Renewed<Token>::Given token;
  };
  // Errors: what fetching a token returns; cancelled and timeout, by the call.
  [[nodiscard]] Result<Authorized> authorize(const sdk::Call& call,
                                             const UnauthorizedRequest& request);
  // The service answered 401: the next token is another one.
  void forget(const Authorized& refused);

 private:
  const std::shared_ptr<const AzureIdentity> identity_;
  const std::string account_;
  const cloud::UnixClock clock_;
  const std::string audience_;
  cloud::Renewed<Token> tokens_;
};

}  // namespace cavra::azure
