#include "cloud/wiped_json.hpp"

#include <rapidjson/document.h>

#include <charconv>

#include "cloud/wiped_text.hpp"

namespace cavra::cloud {

// RapidJSON keeps its strings within the text.
struct WipedJson::State {
  explicit State(std::string_view json) : text(json) {
    // Iterative: depth of hostile text costs no stack.
    document.ParseInsitu<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
        text.data());
  }

  WipedText text;
  rapidjson::Document document;
};

WipedJson::WipedJson(std::string_view json) : state_(std::make_unique<State>(json)) {}
WipedJson::~WipedJson() = default;

bool WipedJson::is_object() const {
  return !state_->document.HasParseError() && state_->document.IsObject();
}

std::optional<std::string_view> WipedJson::text(const char* name) const {
  const auto member = state_->document.FindMember(name);
  if (member == state_->document.MemberEnd() || member->value.IsNull()) return "";
  if (!member->value.IsString()) return std::nullopt;
  return std::string_view(member->value.GetString(), member->value.GetStringLength());
}

std::optional<std::int64_t> WipedJson::number(const char* name) const {
  const auto member = state_->document.FindMember(name);
  if (member == state_->document.MemberEnd() || !member->value.IsInt64()) return std::nullopt;
  return member->value.GetInt64();
}

std::optional<std::int64_t> WipedJson::number_or_text(const char* name) const {
  if (const auto value = number(name)) return value;
  const std::string_view digits = text(name).value_or(std::string_view());
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

std::vector<std::int64_t> WipedJson::numbers(const char* name) const {
  std::vector<std::int64_t> found;
  const auto member = state_->document.FindMember(name);
  if (member == state_->document.MemberEnd() || !member->value.IsArray()) return found;
  for (const auto& each : member->value.GetArray())
    if (each.IsInt64()) found.push_back(each.GetInt64());
  return found;
}

}  // namespace cavra::cloud
