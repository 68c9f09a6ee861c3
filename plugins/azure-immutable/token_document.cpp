#include "token_document.hpp"

#include <algorithm>
#include <ctime>
#include <optional>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/wiped_json.hpp"
#include "http/headers.hpp"

namespace cavra::azure {

namespace {

constexpr std::int64_t kLongestLifeSeconds = std::int64_t{7} * 86400;
constexpr std::size_t kMostCodes = 4;

Error wrong(const std::string& problem) {
  return {ErrorCode::io, problem, false};
}

bool fits_a_header(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

// RFC 6749: of lower-case letters and '_'. A letter that is none of them may be of something else.
bool is_word(std::string_view text) {
  return text.size() <= 60 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// "2026-11-29 02:12:02.000000" by this machine's own zone. In the hour that comes twice a year it
// may be wrong by one hour: a token that has run out is refused, and fetched anew.
std::optional<std::int64_t> local_moment(std::string_view text) {
  constexpr std::size_t kSize = std::string_view("2026-11-29 02:12:02").size();
  std::string utc(text.substr(0, kSize));
  if (utc.size() != kSize || utc[10] != ' ') return std::nullopt;
  if (text.size() > kSize && text[kSize] != '.') return std::nullopt;
  utc[10] = 'T';
  const auto moment = parse_rfc3339(utc + "Z");
  if (!moment) return std::nullopt;
  const std::time_t as_utc = moment->at.unix_s;
  std::tm parts{};
  if (::gmtime_r(&as_utc, &parts) == nullptr) return std::nullopt;
  parts.tm_isdst = -1;
  const std::time_t local = ::mktime(&parts);
  return local > 0 ? std::optional<std::int64_t>(local) : std::nullopt;
}

Result<Token> token_of(std::string_view value, std::string_view type,
                       std::optional<std::int64_t> expires_unix_s, std::int64_t now_unix_s) {
  if (!fits_a_header(value)) return wrong("the token is missing, or is none");
  if (!type.empty() && http::lower_case(type) != "bearer")
    return wrong("the token is none of a bearer");
  if (!expires_unix_s) return wrong("nothing says when the token ends");
  const std::int64_t last = now_unix_s + kLongestLifeSeconds;
  return Token{Secret(as_bytes(value)), std::clamp<std::int64_t>(*expires_unix_s, 0, last)};
}

Error no_object() {
  return wrong("what came back is no JSON object");
}

}  // namespace

Result<Token> parse_token(std::string_view json, std::int64_t now_unix_s) {
  const cloud::WipedJson object(json);
  if (!object.is_object()) return no_object();
  std::optional<std::int64_t> expires = object.number_or_text("expires_on");
  if (const auto life = object.number_or_text("expires_in"); !expires && life)
    expires = now_unix_s + std::clamp<std::int64_t>(*life, 0, kLongestLifeSeconds);
  return token_of(object.text("access_token").value_or(""),
                  object.text("token_type").value_or("none"), expires, now_unix_s);
}

Result<Token> parse_az_token(std::string_view json, std::int64_t now_unix_s) {
  const cloud::WipedJson object(json);
  if (!object.is_object()) return no_object();
  std::optional<std::int64_t> expires = object.number_or_text("expires_on");
  if (!expires) expires = local_moment(object.text("expiresOn").value_or(""));
  return token_of(object.text("accessToken").value_or(""),
                  object.text("tokenType").value_or("none"), expires, now_unix_s);
}

TokenRefusal parse_token_refusal(std::string_view json) {
  const cloud::WipedJson object(json);
  if (!object.is_object()) return {};
  TokenRefusal refusal;
  if (const auto error = object.text("error"); error && is_word(*error)) refusal.error = *error;
  std::vector<std::int64_t> codes = object.numbers("error_codes");
  codes.resize(std::min(codes.size(), kMostCodes));
  for (const std::int64_t code : codes)
    refusal.codes += (refusal.codes.empty() ? "AADSTS" : " AADSTS") + std::to_string(code);
  return refusal;
}

}  // namespace cavra::azure
