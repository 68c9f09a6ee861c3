#include "sigv4.hpp"

#include <string.h>  // explicit_bzero: glibc's, not the standard's

#include <algorithm>
#include <array>
#include <map>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "http/digest.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

// What libcurl or a proxy adds, changes or takes away, and so no server can check; botocore leaves
// out the same. The signature itself is what a second try would have.
constexpr std::array<std::string_view, 6> kNeverSigned{
    "authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"};

bool is_s3(const SigningScope& scope) {
  return scope.service == "s3";
}

// "/a/./b/../c//" as "/a/c/". RFC 3986 (section 5.2.4) keeps empty parts; AWS's tools drop them.
std::string folded(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string out;
  for (const std::string_view part : parts)
    out.append("/").append(part);
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

std::string canonical_path(const UnsignedRequest& request, const SigningScope& scope) {
  if (!is_s3(scope)) return http::encode_path(folded(request.path));
  return request.path.empty() ? "/" : request.path;
}

// Without blanks at its ends, runs of them within as one space.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool is_apart = false;
  for (const char c : value) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      is_apart = !out.empty();
      continue;
    }
    if (is_apart) out += ' ';
    is_apart = false;
    out += c;
  }
  return out;
}

// What is signed of the headers, by lower-case name; several of one name as a list with commas.
std::map<std::string, std::string> canonical_headers(const http::Headers& headers) {
  std::map<std::string, std::string> canonical;
  for (const auto& [name, value] : headers.all()) {
    const std::string lower = http::lower_case(name);
    if (std::ranges::find(kNeverSigned, lower) != kNeverSigned.end()) continue;
    const auto [entry, is_new] = canonical.try_emplace(lower);
    if (!is_new) entry->second += ',';
    entry->second += canonical_value(value);
  }
  return canonical;
}

http::Headers headers_to_sign(const UnsignedRequest& request, const SigningCredentials& credentials,
                              const SigningScope& scope, std::int64_t unix_s) {
  http::Headers headers = request.headers;
  headers.set("x-amz-date", amz_date(unix_s));
  if (is_s3(scope)) headers.set("x-amz-content-sha256", request.payload_sha256);
  if (!credentials.session_token.empty())
    headers.set("x-amz-security-token", credentials.session_token);
  return headers;
}

Secret keyed(const Secret& key, std::string_view text) {
  http::Sha256Digest digest = http::hmac_sha256(key.expose(), as_bytes(text));
  Secret derived{std::span<const std::byte>(digest)};
  ::explicit_bzero(digest.data(), digest.size());
  return derived;
}

Secret signing_key(const Secret& secret, std::string_view day, const SigningScope& scope) {
  constexpr std::string_view kPrefix = "AWS4";
  Secret first(kPrefix.size() + secret.size());
  const auto behind = std::ranges::copy(as_bytes(kPrefix), first.expose_for_writing().begin()).out;
  std::ranges::copy(secret.expose(), behind);
  return keyed(keyed(keyed(keyed(first, day), scope.region), scope.service), "aws4_request");
}

SignatureParts sign_headers(const UnsignedRequest& request, const http::Headers& headers,
                            const SigningCredentials& credentials, const SigningScope& scope,
                            std::int64_t unix_s) {
  std::string lines;
  std::string names;
  for (const auto& [name, value] : canonical_headers(headers)) {
    lines.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  const std::string date = amz_date(unix_s);
  const std::string day = date.substr(0, date.find('T'));
  const std::string scoped = day + "/" + scope.region + "/" + scope.service + "/aws4_request";

  SignatureParts parts;
  parts.canonical_request = request.method + "\n" + canonical_path(request, scope) + "\n" +
                            canonical_query(request.query) + "\n" + lines + "\n" + names + "\n" +
                            request.payload_sha256;
  parts.string_to_sign = std::string(kAlgorithm) + "\n" + date + "\n" + scoped + "\n" +
                         to_hex(http::sha256(as_bytes(parts.canonical_request)));
  const Secret key = signing_key(credentials.secret_access_key, day, scope);
  parts.signature = to_hex(http::hmac_sha256(key.expose(), as_bytes(parts.string_to_sign)));
  parts.authorization = std::string(kAlgorithm) + " Credential=" + credentials.access_key_id + "/" +
                        scoped + ", SignedHeaders=" + names + ", Signature=" + parts.signature;
  return parts;
}

}  // namespace

std::string canonical_query(const QueryParameters& query) {
  QueryParameters encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(http::encode_component(name), http::encode_component(value));
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded)
    out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

std::string amz_date(std::int64_t unix_s) {
  std::string text = format_utc({.unix_s = unix_s});
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

SignatureParts sign_parts(const UnsignedRequest& request, const SigningCredentials& credentials,
                          const SigningScope& scope, std::int64_t unix_s) {
  return sign_headers(request, headers_to_sign(request, credentials, scope, unix_s), credentials,
                      scope, unix_s);
}

http::Headers signed_headers(const UnsignedRequest& request, const SigningCredentials& credentials,
                             const SigningScope& scope, std::int64_t unix_s) {
  http::Headers headers = headers_to_sign(request, credentials, scope, unix_s);
  headers.set("authorization",
              sign_headers(request, headers, credentials, scope, unix_s).authorization);
  return headers;
}

}  // namespace cavra::s3
