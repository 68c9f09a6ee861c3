#include "azure_settings.hpp"

#include <rapidjson/document.h>

#include <filesystem>
#include <utility>

namespace cavra::azure {

namespace {

// The host has checked types and values against the schema.
class Members {
 public:
  explicit Members(const rapidjson::Document& document) : document_(document) {}

  [[nodiscard]] std::string text(const char* name, std::string_view otherwise = {}) const {
    const auto member = document_.FindMember(name);
    if (member == document_.MemberEnd() || !member->value.IsString()) return std::string(otherwise);
    return {member->value.GetString(), member->value.GetStringLength()};
  }
  [[nodiscard]] std::uint64_t number(const char* name, std::uint64_t otherwise) const {
    const auto member = document_.FindMember(name);
    return member != document_.MemberEnd() && member->value.IsUint64() ? member->value.GetUint64()
                                                                       : otherwise;
  }

 private:
  const rapidjson::Document& document_;
};

Error wrong(std::string_view member, std::string_view why) {
  return {ErrorCode::usage, "/" + std::string(member) + ": " + std::string(why)};
}

// The service takes no part that ends in a dot, and the host none that is "." or "..".
Result<std::string> parse_prefix(std::string prefix) {
  if (prefix.ends_with('/')) prefix.pop_back();
  std::size_t begin = 0;
  while (!prefix.empty() && begin <= prefix.size()) {
    const std::size_t end = std::min(prefix.find('/', begin), prefix.size());
    const std::string_view part(prefix.data() + begin, end - begin);
    if (part.empty() || part.ends_with('.'))
      return wrong("prefix", "its parts between slashes are names, not empty, and end in no dot");
    begin = end + 1;
  }
  return prefix;
}

}  // namespace

Result<AzureSettings> parse_settings(std::string_view json, std::string_view base_folder) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject())
    return Error{ErrorCode::usage, "the settings are no JSON object"};
  const Members members(document);
  AzureSettings settings;
  settings.container = members.text("container");
  if (settings.container.empty()) return wrong("container", "it is missing");
  if (settings.container.find("--") != std::string::npos)
    return wrong("container", "a container's name has no two dashes in a row");
  CAVRA_TRY(settings.prefix, parse_prefix(members.text("prefix")));
  settings.account = members.text("account");
  settings.endpoint = members.text("endpoint");
  settings.authentication = members.text("authentication", "auto");
  settings.client_id = members.text("client_id");
  settings.tenant_id = members.text("tenant_id");
  settings.authority = members.text("authority");
  settings.identity = members.text("identity");
  settings.mode = members.text("mode", "locked") == "locked" ? sdk::LockMode::compliance
                                                             : sdk::LockMode::governance;
  settings.policy_from =
      members.text("policy", "inherit") == "inherit" ? PolicyFrom::container : PolicyFrom::request;
  settings.encryption_scope = members.text("encryption_scope");
  settings.tier = members.text("tier");
  settings.block_bytes = members.number("block_bytes", settings.block_bytes);
  settings.single_put_bytes = members.number("single_put_bytes", settings.single_put_bytes);
  settings.sessions = static_cast<std::uint32_t>(members.number("sessions", settings.sessions));
  if (const std::string file = members.text("ca_file"); !file.empty())
    settings.ca_file = (std::filesystem::path(base_folder) / file).string();
  return settings;
}

}  // namespace cavra::azure
