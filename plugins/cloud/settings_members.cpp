#include "cloud/settings_members.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cavra::cloud {

struct SettingsMembers::State {
  rapidjson::Document document;
};

SettingsMembers::SettingsMembers(std::unique_ptr<State> state) : state_(std::move(state)) {}
SettingsMembers::SettingsMembers(SettingsMembers&&) noexcept = default;
SettingsMembers::~SettingsMembers() = default;

Error wrong_setting(std::string_view member, std::string_view why) {
  return {ErrorCode::usage, "/" + std::string(member) + ": " + std::string(why)};
}

Result<SettingsMembers> SettingsMembers::parse(std::string_view json) {
  auto state = std::make_unique<State>();
  state->document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (state->document.HasParseError() || !state->document.IsObject())
    return Error{ErrorCode::usage, "the settings are no JSON object"};
  return SettingsMembers(std::move(state));
}

std::string SettingsMembers::text(const char* name, std::string_view otherwise) const {
  const auto member = state_->document.FindMember(name);
  if (member == state_->document.MemberEnd() || !member->value.IsString())
    return std::string(otherwise);
  return {member->value.GetString(), member->value.GetStringLength()};
}

std::uint64_t SettingsMembers::number(const char* name, std::uint64_t otherwise) const {
  const auto member = state_->document.FindMember(name);
  return member != state_->document.MemberEnd() && member->value.IsUint64()
             ? member->value.GetUint64()
             : otherwise;
}

bool SettingsMembers::has(const char* name) const {
  return state_->document.HasMember(name);
}

// Keys are built of parts between single slashes, none of them "." or "..".
Result<std::string> SettingsMembers::prefix() const {
  std::string prefix = text("prefix");
  if (prefix.ends_with('/')) prefix.pop_back();
  std::size_t begin = 0;
  while (!prefix.empty() && begin <= prefix.size()) {
    const std::size_t end = std::min(prefix.find('/', begin), prefix.size());
    const std::string_view part(prefix.data() + begin, end - begin);
    if (part.empty() || part == "." || part == "..")
      return wrong_setting("prefix",
                           "its parts between slashes are names, not empty, \".\" or \"..\"");
    begin = end + 1;
  }
  return prefix;
}

std::string SettingsMembers::ca_file(std::string_view base_folder) const {
  const std::string file = text("ca_file");
  return file.empty() ? file : (std::filesystem::path(base_folder) / file).string();
}

}  // namespace cavra::cloud
