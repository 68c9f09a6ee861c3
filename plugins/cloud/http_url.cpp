#include "cloud/http_url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "http/headers.hpp"

namespace cavra::cloud {
namespace {

constexpr std::string_view kPlain = "http://";
constexpr std::string_view kTls = "https://";

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, 16> address{};
  return ::inet_pton(family, text.c_str(), address.data()) == 1;
}

bool is_host_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_target_letter(char c) {
  return c > ' ' && c < '\x7f' && c != '#' && c != '\\' && c != '"' && c != '<' && c != '>';
}

// Cuts the host off, as it stands, and leaves what follows it.
std::optional<std::string> take_host(std::string_view& rest, HttpUrl& url) {
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    url.host = http::lower_case(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    if (!is_address(AF_INET6, url.host)) return std::nullopt;
    return "[" + url.host + "]";
  }
  const std::size_t end = std::min(rest.find(':'), rest.size());
  url.host = http::lower_case(rest.substr(0, end));
  rest.remove_prefix(end);
  if (url.host.empty() || !std::ranges::all_of(url.host, is_host_letter)) return std::nullopt;
  return url.host;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool set_authority(std::string_view text, HttpUrl& url) {
  const auto host = take_host(text, url);
  if (!host) return false;
  url.authority = *host;
  if (text.empty()) return true;
  const auto port = text.starts_with(':') ? port_of(text.substr(1)) : std::nullopt;
  if (!port) return false;
  if (*port != (url.is_tls ? 443 : 80)) url.authority += ":" + std::to_string(*port);
  return true;
}

}  // namespace

bool HttpUrl::is_loopback() const {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && is_address(AF_INET, host));
}

std::string HttpUrl::text() const {
  return std::string(is_tls ? kTls : kPlain) + authority + path +
         (query.empty() ? "" : "?" + query);
}

std::optional<HttpUrl> parse_http_url(std::string_view text) {
  HttpUrl url;
  url.is_tls = text.starts_with(kTls);
  if (!url.is_tls && !text.starts_with(kPlain)) return std::nullopt;
  text.remove_prefix(url.is_tls ? kTls.size() : kPlain.size());
  if (!std::ranges::all_of(text, is_target_letter)) return std::nullopt;
  const std::size_t path = std::min(text.find_first_of("/?"), text.size());
  if (!set_authority(text.substr(0, path), url)) return std::nullopt;
  const std::size_t query = std::min(text.find('?'), text.size());
  url.path = text.substr(path, query - path);
  if (url.path.empty()) url.path = "/";
  if (query < text.size()) url.query = text.substr(query + 1);
  return url;
}

}  // namespace cavra::cloud
