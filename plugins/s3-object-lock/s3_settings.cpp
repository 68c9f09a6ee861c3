#include "s3_settings.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cavra::s3 {

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
  [[nodiscard]] bool has(const char* name) const { return document_.HasMember(name); }

 private:
  const rapidjson::Document& document_;
};

Error wrong(std::string_view member, std::string_view why) {
  return {ErrorCode::usage, "/" + std::string(member) + ": " + std::string(why)};
}

// Keys are built of parts between single slashes, none of them "." or "..".
Result<std::string> parse_prefix(std::string prefix) {
  if (prefix.ends_with('/')) prefix.pop_back();
  std::size_t begin = 0;
  while (!prefix.empty() && begin <= prefix.size()) {
    const std::size_t end = std::min(prefix.find('/', begin), prefix.size());
    const std::string_view part(prefix.data() + begin, end - begin);
    if (part.empty() || part == "." || part == "..")
      return wrong("prefix", "its parts between slashes are names, not empty, \".\" or \"..\"");
    begin = end + 1;
  }
  return prefix;
}

Result<void> check_together(const S3Settings& settings) {
  if (!settings.kms_key_id.empty() && !settings.encryption.starts_with("aws:kms"))
    return wrong("kms_key_id", "it needs \"encryption\": \"aws:kms\" or \"aws:kms:dsse\"");
  if (settings.bucket.find("..") != std::string::npos)
    return wrong("bucket", "a bucket's name has no two dots in a row");
  if (settings.single_put_bytes != 0 && settings.single_put_bytes < settings.part_bytes &&
      settings.single_put_bytes < (std::uint64_t{5} << 20))
    return wrong("single_put_bytes", "below 5 MiB there are no parts: 0, or at least 5242880");
  return {};
}

}  // namespace

Result<S3Settings> parse_settings(std::string_view json, std::string_view base_folder) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject())
    return Error{ErrorCode::usage, "the settings are no JSON object"};
  const Members members(document);
  S3Settings settings;
  settings.bucket = members.text("bucket");
  if (settings.bucket.empty()) return wrong("bucket", "it is missing");
  CAVRA_TRY(settings.prefix, parse_prefix(members.text("prefix")));
  settings.region = members.text("region");
  settings.endpoint = members.text("endpoint");
  settings.addressing = members.text("addressing");
  if (members.has("profile")) settings.profile = members.text("profile");
  settings.identity = members.text("identity");
  settings.mode = members.text("mode", "COMPLIANCE") == "COMPLIANCE" ? sdk::LockMode::compliance
                                                                     : sdk::LockMode::governance;
  settings.lock_from =
      members.text("lock", "explicit") == "explicit" ? LockFrom::request : LockFrom::bucket;
  settings.encryption = members.text("encryption");
  settings.kms_key_id = members.text("kms_key_id");
  settings.expected_bucket_owner = members.text("expected_bucket_owner");
  settings.storage_class = members.text("storage_class");
  settings.part_bytes = members.number("part_bytes", settings.part_bytes);
  settings.single_put_bytes = members.number("single_put_bytes", settings.single_put_bytes);
  settings.sessions = static_cast<std::uint32_t>(members.number("sessions", settings.sessions));
  settings.sends_md5 = members.text("checksum") == "md5";
  if (const std::string file = members.text("ca_file"); !file.empty())
    settings.ca_file = (std::filesystem::path(base_folder) / file).string();
  CAVRA_CHECK(check_together(settings));
  return settings;
}

}  // namespace cavra::s3
