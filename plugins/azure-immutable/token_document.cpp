// All JSON of tokens, so that RapidJSON stays in one file.
#include "token_document.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::azure {

namespace {

// JSON text with what was read of it. RapidJSON keeps its strings within the text, which is wiped.
class JsonObject {
 public:
  explicit JsonObject(std::string_view json) : text_(json) {
    // Iterative: depth of hostile text costs no stack.
    document_.ParseInsitu<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
        text_.data());
  }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  [[nodiscard]] bool is_valid() const { return !document_.HasParseError() && document_.IsObject(); }
  // "", where it is missing or no text.
  [[nodiscard]] std::string_view text(const char* name) const {
    const auto member = document_.FindMember(name);
    if (member == document_.MemberEnd() || !member->value.IsString()) return {};
    return {member->value.GetString(), member->value.GetStringLength()};
  }
  // Some send numbers as texts.
  [[nodiscard]] std::optional<std::int64_t> number(const char* name) const {
    const auto member = document_.FindMember(name);
    if (member == document_.MemberEnd()) return std::nullopt;
    if (member->value.IsInt64()) return member->value.GetInt64();
    const std::string_view digits = text(name);
    std::int64_t value = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size())
      return std::nullopt;
    return value;
  }

 private:
  cloud::WipedText text_;
  rapidjson::Document document_;
};

constexpr std::int64_t kLongestLifeSeconds = std::int64_t{7} * 86400;

Error wrong(const std::string& problem) {
  return {ErrorCode::io, problem, false};
}

bool fits_a_header(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<Token> parse_token(std::string_view json, std::int64_t now_unix_s) {
  const JsonObject object(json);
  if (!object.is_valid()) return wrong("what came back is no JSON object");
  const std::string_view token = object.text("access_token");
  if (!fits_a_header(token)) return wrong("access_token is missing, or is none");
  std::optional<std::int64_t> expires = object.number("expires_on");
  if (const auto life = object.number("expires_in"); !expires && life)
    expires = now_unix_s + std::clamp<std::int64_t>(*life, 0, kLongestLifeSeconds);
  if (!expires) return wrong("neither expires_in nor expires_on says when the token ends");
  return Token{Secret(as_bytes(token)), expires};
}

std::string parse_token_error(std::string_view json) {
  const JsonObject object(json);
  return object.is_valid() ? printable(object.text("error"), 60) : std::string();
}

}  // namespace cavra::azure
