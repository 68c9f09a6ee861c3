#include "shared_key.hpp"

#include <array>
#include <map>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "http/digest.hpp"

namespace cavra::azure {

namespace {

// In their order; Content-Length stands after the second, and is empty for none.
constexpr std::array<const char*, 2> kBeforeLength{"content-encoding", "content-language"};
constexpr std::array<const char*, 8> kAfterLength{
    "content-md5",   "content-type",        "date", "if-modified-since", "if-match",
    "if-none-match", "if-unmodified-since", "range"};

// Microsoft's own clients leave blanks within a value as they are, and the service takes that.
std::string trimmed(std::string_view value) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = value.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return std::string(value.substr(begin, value.find_last_not_of(kBlank) + 1 - begin));
}

std::string canonical_headers(const http::Headers& headers) {
  std::map<std::string, std::string> named;
  for (const http::Header& header : headers.all())
    if (std::string name = http::lower_case(header.name); name.starts_with("x-ms-"))
      named[std::move(name)] = trimmed(header.value);
  std::string text;
  for (const auto& [name, value] : named)
    text.append(name).append(":").append(value).append("\n");
  return text;
}

std::string canonical_resource(const UnauthorizedRequest& request, const std::string& account) {
  std::map<std::string, std::vector<std::string>> named;
  for (const auto& [name, value] : request.query)
    named[http::lower_case(name)].push_back(value);
  std::string text = "/" + account + request.path;
  for (auto& [name, values] : named) {
    std::ranges::sort(values);
    text.append("\n").append(name).append(":");
    for (std::size_t i = 0; i < values.size(); ++i)
      text.append(i == 0 ? "" : ",").append(values[i]);
  }
  return text;
}

}  // namespace

std::string string_to_sign(const UnauthorizedRequest& request, const std::string& account) {
  std::string text = request.method + "\n";
  for (const char* name : kBeforeLength)
    text.append(request.headers.get(name)).append("\n");
  if (request.body_bytes > 0) text += std::to_string(request.body_bytes);
  text += "\n";
  for (const char* name : kAfterLength)
    text.append(request.headers.get(name)).append("\n");
  return text + canonical_headers(request.headers) + canonical_resource(request, account);
}

std::string shared_key_authorization(const UnauthorizedRequest& request, const std::string& account,
                                     const Secret& key) {
  const auto signature =
      http::hmac_sha256(key.expose(), as_bytes(string_to_sign(request, account)));
  return "SharedKey " + account + ":" + to_base64(signature);
}

}  // namespace cavra::azure
