// An http or https URL in its parts.
//
// Read strictly: what two readers could understand differently (user names, backslashes, a
// fragment, spaces) is no URL here. A value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cavra::cloud {

struct HttpUrl {
  bool is_tls = false;
  std::string host;       // in lower case; an IPv6 address is without its brackets
  std::string authority;  // as the Host header has it: without the scheme's own port
  std::string path;       // as it stands; begins with '/'
  std::string query;      // as it stands, without '?'

  // By name "localhost" or by address; nobody is asked.
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] std::optional<HttpUrl> parse_http_url(std::string_view text);

}  // namespace cavra::cloud
