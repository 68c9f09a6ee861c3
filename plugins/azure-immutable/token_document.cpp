#include "token_document.hpp"

#include <algorithm>
#include <optional>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_json.hpp"

namespace cavra::azure {

namespace {

constexpr std::int64_t kLongestLifeSeconds = std::int64_t{7} * 86400;

Error wrong(const std::string& problem) {
  return {ErrorCode::io, problem, false};
}

bool fits_a_header(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<Token> parse_token(std::string_view json, std::int64_t now_unix_s) {
  const cloud::WipedJson object(json);
  if (!object.is_object()) return wrong("what came back is no JSON object");
  const std::string_view token = object.text("access_token").value_or("");
  if (!fits_a_header(token)) return wrong("access_token is missing, or is none");
  std::optional<std::int64_t> expires = object.number_or_text("expires_on");
  if (const auto life = object.number_or_text("expires_in"); !expires && life)
    expires = now_unix_s + std::clamp<std::int64_t>(*life, 0, kLongestLifeSeconds);
  if (expires) expires = std::clamp<std::int64_t>(*expires, 0, now_unix_s + kLongestLifeSeconds);
  if (!expires) return wrong("neither expires_in nor expires_on says when the token ends");
  return Token{Secret(as_bytes(token)), expires};
}

std::string parse_token_error(std::string_view json) {
  const cloud::WipedJson object(json);
  return object.is_object() ? printable(object.text("error").value_or(""), 60) : std::string();
}

}  // namespace cavra::azure
