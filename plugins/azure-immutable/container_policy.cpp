#include "container_policy.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "http/headers.hpp"

namespace cavra::azure {

namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kMostDays = 146000;        // the service's own limit
constexpr std::int64_t kLastDate = 253402300799;  // 9999-12-31T23:59:59Z

Error no_policy(std::string_view what) {
  return {ErrorCode::io, "the management's answer is no immutability policy: " + std::string(what),
          true};
}
Error strange(std::string_view what) {
  return {ErrorCode::unproven,
          "the management shows a policy that nobody can read: " + std::string(what)};
}

// Null: it is missing, or null. A member that stands there twice could be read either way.
Result<const rapidjson::Value*> member(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* found = nullptr;
  for (const auto& each : object.GetObject()) {
    if (std::string_view(each.name.GetString(), each.name.GetStringLength()) != name) continue;
    if (found != nullptr) return no_policy(std::string(name) + " stands there twice");
    found = &each.value;
  }
  return found != nullptr && found->IsNull() ? nullptr : found;
}

Result<std::string> text_of(const rapidjson::Value& object, std::string_view name) {
  CAVRA_TRY(const auto* const value, member(object, name));
  if (value == nullptr) return std::string();
  if (!value->IsString()) return no_policy(std::string(name) + " is no text");
  return std::string(value->GetString(), value->GetStringLength());
}

Result<bool> flag_of(const rapidjson::Value& object, std::string_view name) {
  CAVRA_TRY(const auto* const value, member(object, name));
  if (value == nullptr) return false;
  if (!value->IsBool()) return no_policy(std::string(name) + " is neither true nor false");
  return value->GetBool();
}

Result<std::int64_t> days_of(const rapidjson::Value& properties) {
  constexpr std::string_view kName = "immutabilityPeriodSinceCreationInDays";
  CAVRA_TRY(const auto* const value, member(properties, kName));
  if (value == nullptr) return std::int64_t{0};
  if (!value->IsInt64() || value->GetInt64() < 0 || value->GetInt64() > kMostDays)
    return strange(std::string(kName) + " is none of 0 to 146000");
  return value->GetInt64();
}

Result<bool> is_locked(const rapidjson::Value& properties) {
  CAVRA_TRY(const std::string state, text_of(properties, "state"));
  const std::string word = http::lower_case(state);
  if (word != "locked" && word != "unlocked") return strange("its state is " + quoted(state, 60));
  return word == "locked";
}

// It goes into a command that is shown: nothing of it may be more than a tag.
std::string tag_of(std::string etag) {
  const bool is_tag = etag.size() <= 64 && std::ranges::all_of(etag, [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                               (c >= 'A' && c <= 'Z') || c == '"';
                      });
  return is_tag ? etag : std::string();
}

}  // namespace

std::string ContainerPolicy::text() const {
  if (days == 0) return "none";
  return std::string(is_locked ? "locked, " : "unlocked, ") + std::to_string(days) +
         (days == 1 ? " day" : " days");
}

Result<ContainerPolicy> parse_container_policy(std::string_view json) {
  rapidjson::Document document;
  // Iterative: depth of hostile text costs no stack.
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return no_policy("no JSON object");
  CAVRA_TRY(const auto* const properties, member(document, "properties"));
  if (properties == nullptr || !properties->IsObject()) return no_policy("it has no properties");
  ContainerPolicy policy;
  CAVRA_TRY(policy.days, days_of(*properties));
  // Where there is none, the management tells of one without a period.
  if (policy.days == 0) return policy;
  CAVRA_TRY(policy.is_locked, is_locked(*properties));
  CAVRA_TRY(policy.allows_appends, flag_of(*properties, "allowProtectedAppendWrites"));
  CAVRA_TRY(policy.allows_all_appends, flag_of(*properties, "allowProtectedAppendWritesAll"));
  CAVRA_TRY(std::string etag, text_of(document, "etag"));
  policy.etag = tag_of(std::move(etag));
  return policy;
}

Result<sdk::Lock> lock_by(const ContainerPolicy& policy, const BlobAge& blob) {
  sdk::Lock lock;
  if (policy.days == 0 || policy.allows_all_appends || !blob.is_block_blob) return lock;
  if (!blob.created_at_unix_s)
    return Error{ErrorCode::unproven,
                 "the service does not tell when the blob was created, from "
                 "where on the container's policy counts"};
  lock.mode = policy.is_locked ? sdk::LockMode::compliance : sdk::LockMode::governance;
  lock.retain_until_unix_s = std::min(*blob.created_at_unix_s + policy.seconds(), kLastDate);
  return lock;
}

std::int64_t days_between(std::int64_t from_unix_s, std::int64_t until_unix_s) {
  if (until_unix_s <= from_unix_s) return 0;
  return (until_unix_s - from_unix_s + kSecondsPerDay - 1) / kSecondsPerDay;
}

}  // namespace cavra::azure
