#include "bucket_policy.hpp"

#include <rapidjson/document.h>

#include <string>

#include "http/headers.hpp"

namespace cavra::s3 {

namespace {

std::string_view text_of(const rapidjson::Value& value) {
  return value.IsString() ? std::string_view(value.GetString(), value.GetStringLength())
                          : std::string_view();
}

const rapidjson::Value* member(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

// A text, or a list of texts: any of them.
template <class Predicate>
bool is_any(const rapidjson::Value* value, const Predicate& predicate) {
  if (value == nullptr) return false;
  if (value->IsString()) return predicate(text_of(*value));
  if (!value->IsArray()) return false;
  for (const auto& element : value->GetArray())
    if (element.IsString() && predicate(text_of(element))) return true;
  return false;
}

bool is_everybody(const rapidjson::Value* principal) {
  if (principal == nullptr) return false;
  if (principal->IsString()) return text_of(*principal) == "*";
  return principal->IsObject() &&
         is_any(member(*principal, "AWS"), [](std::string_view name) { return name == "*"; });
}

// '*' at the end alone: other patterns are not understood.
bool covers(std::string_view pattern, std::string_view text) {
  if (!pattern.ends_with('*')) return pattern == text;
  pattern.remove_suffix(1);
  return pattern.find_first_of("*?") == std::string_view::npos && text.starts_with(pattern);
}

bool is_resource(std::string_view pattern, std::string_view bucket, bool is_of_bucket) {
  const std::string_view name = pattern.substr(pattern.rfind(':') + 1);
  return covers(name, is_of_bucket ? std::string(bucket) : std::string(bucket) + "/");
}

}  // namespace

bool denies_to_all(std::string_view policy_json, std::string_view action, std::string_view bucket) {
  rapidjson::Document policy;
  policy.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      policy_json.data(), policy_json.size());
  if (policy.HasParseError() || !policy.IsObject()) return false;
  const rapidjson::Value* const statements = member(policy, "Statement");
  if (statements == nullptr) return false;
  const std::string wanted = http::lower_case(action);
  const bool is_of_bucket =
      action.starts_with("s3:PutBucket") || action.starts_with("s3:PutLifecycle");
  const auto denies = [&](const rapidjson::Value& statement) {
    if (!statement.IsObject() || member(statement, "Condition") != nullptr) return false;
    const rapidjson::Value* const effect = member(statement, "Effect");
    if (effect == nullptr || text_of(*effect) != "Deny") return false;
    return is_everybody(member(statement, "Principal")) &&
           is_any(member(statement, "Action"),
                  [&](std::string_view each) { return covers(http::lower_case(each), wanted); }) &&
           is_any(member(statement, "Resource"),
                  [&](std::string_view each) { return is_resource(each, bucket, is_of_bucket); });
  };
  if (statements->IsObject()) return denies(*statements);
  if (!statements->IsArray()) return false;
  for (const auto& statement : statements->GetArray())
    if (denies(statement)) return true;
  return false;
}

}  // namespace cavra::s3
