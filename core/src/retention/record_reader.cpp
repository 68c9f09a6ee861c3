#include "retention/record_reader.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra::detail {
namespace {

std::string pointer_to(std::string_view name) {
  return child_pointer("", name);
}

Error wrong_type(const JsonValue* value, std::string_view name, const char* wanted) {
  if (value == nullptr) return corrupt_at(pointer_to(name), "it is missing");
  return corrupt_at(pointer_to(name),
                    std::string("it must be ") + wanted + ", and is " + value->type_name());
}

}  // namespace

Error corrupt_at(std::string_view pointer, std::string_view problem) {
  const std::string place = pointer.empty() ? "" : std::string(pointer) + ": ";
  return {ErrorCode::corrupt, place + std::string(problem)};
}

Result<void> check_members(const JsonValue& record, std::span<const std::string_view> names) {
  const JsonValue::Object* members = record.if_object();
  if (members == nullptr)
    return corrupt_at("", std::string("it must be an object, and is ") + record.type_name());
  for (const JsonMember& member : *members) {
    if (std::ranges::find(names, member.name) == names.end())
      return corrupt_at("", "unknown member " + quoted(member.name, 60));
  }
  return {};
}

Result<bool> read_bool(const JsonValue& record, std::string_view name) {
  const JsonValue* value = record.find(name);
  const bool* truth = value == nullptr ? nullptr : value->if_bool();
  if (truth == nullptr) return wrong_type(value, name, "true or false");
  return *truth;
}

Result<std::string> read_text(const JsonValue& record, std::string_view name) {
  const JsonValue* value = record.find(name);
  const std::string* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return wrong_type(value, name, "a string");
  return *text;
}

Result<std::int64_t> read_date(const JsonValue& record, std::string_view name) {
  CAVRA_TRY(const std::string text, read_text(record, name));
  const auto date = parse_rfc3339(text);
  if (!date) return corrupt_at(pointer_to(name), date.error().message);
  const Timestamp whole{date->at.unix_s, 0};
  if (format_utc(whole) != text)
    return corrupt_at(pointer_to(name), "the date " + quoted(text, 60) +
                                            " is not written as whole seconds of UTC, like " +
                                            format_utc(whole));
  return whole.unix_s;
}

}  // namespace cavra::detail
