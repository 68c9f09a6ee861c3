#include <algorithm>
#include <stdexcept>

#include "cavra/json.hpp"

namespace cavra {

JsonValue::JsonValue(std::nullptr_t) noexcept {}
JsonValue::JsonValue(bool value) noexcept : value_(value) {}
JsonValue::JsonValue(int value) noexcept : value_(std::int64_t{value}) {}
JsonValue::JsonValue(std::int64_t value) noexcept : value_(value) {}
JsonValue::JsonValue(double value) noexcept : value_(value) {}
JsonValue::JsonValue(BigInteger value) : value_(std::move(value)) {}
JsonValue::JsonValue(std::string value) : value_(std::move(value)) {}
JsonValue::JsonValue(std::string_view value) : value_(std::string(value)) {}
JsonValue::JsonValue(const char* value) : value_(std::string(value)) {}
JsonValue::JsonValue(Array value) noexcept : value_(std::move(value)) {}
JsonValue::JsonValue(Object value) noexcept : value_(std::move(value)) {}

JsonValue::JsonValue(std::uint64_t value) {
  if (std::in_range<std::int64_t>(value)) {
    value_ = static_cast<std::int64_t>(value);
  } else {
    value_ = BigInteger{std::to_string(value)};
  }
}

JsonValue::JsonValue(const JsonValue& other) = default;
JsonValue& JsonValue::operator=(const JsonValue& other) = default;

JsonValue JsonValue::array() {
  return Array{};
}
JsonValue JsonValue::object() {
  return Object{};
}
JsonValue JsonValue::object(std::initializer_list<JsonMember> members) {
  return Object(members);
}

bool JsonValue::is_null() const noexcept {
  return std::holds_alternative<std::monostate>(value_);
}
bool JsonValue::is_object() const noexcept {
  return if_object() != nullptr;
}
bool JsonValue::is_array() const noexcept {
  return if_array() != nullptr;
}
bool JsonValue::is_string() const noexcept {
  return if_string() != nullptr;
}

const bool* JsonValue::if_bool() const noexcept {
  return std::get_if<bool>(&value_);
}
const std::int64_t* JsonValue::if_integer() const noexcept {
  return std::get_if<std::int64_t>(&value_);
}
const double* JsonValue::if_double() const noexcept {
  return std::get_if<double>(&value_);
}
const BigInteger* JsonValue::if_big_integer() const noexcept {
  return std::get_if<BigInteger>(&value_);
}
const std::string* JsonValue::if_string() const noexcept {
  return std::get_if<std::string>(&value_);
}
const JsonValue::Array* JsonValue::if_array() const noexcept {
  return std::get_if<Array>(&value_);
}
JsonValue::Array* JsonValue::if_array() noexcept {
  return std::get_if<Array>(&value_);
}
const JsonValue::Object* JsonValue::if_object() const noexcept {
  return std::get_if<Object>(&value_);
}
JsonValue::Object* JsonValue::if_object() noexcept {
  return std::get_if<Object>(&value_);
}

const char* JsonValue::type_name() const noexcept {
  if (is_null()) return "null";
  if (if_bool() != nullptr) return "boolean";
  if (if_integer() != nullptr || if_big_integer() != nullptr) return "integer";
  if (if_double() != nullptr) return "number";
  if (is_string()) return "string";
  return is_array() ? "array" : "object";
}

const JsonValue* JsonValue::find(std::string_view name) const noexcept {
  const Object* members = if_object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, name, &JsonMember::name);
  return found == members->end() ? nullptr : &found->value;
}

JsonValue& JsonValue::set(std::string name, JsonValue value) {
  Object* members = if_object();
  if (members == nullptr) throw std::logic_error("JsonValue::set on what is no object");
  const auto found = std::ranges::find(*members, name, &JsonMember::name);
  if (found == members->end()) {
    return members->emplace_back(JsonMember{std::move(name), std::move(value)}).value;
  }
  return found->value = std::move(value);
}

void JsonValue::push_back(JsonValue value) {
  Array* elements = if_array();
  if (elements == nullptr) throw std::logic_error("JsonValue::push_back on what is no array");
  elements->push_back(std::move(value));
}

namespace {

bool is_equal_member(const JsonMember& a, const JsonMember& b) {
  return a.name == b.name && a.value == b.value;
}

// n log n: both sides by name. Most often the order is the same already.
bool are_equal_members(const JsonValue::Object& a, const JsonValue::Object& b) {
  if (a.size() != b.size()) return false;
  if (std::ranges::equal(a, b, {}, &JsonMember::name, &JsonMember::name)) {
    return std::ranges::equal(a, b, {}, &JsonMember::value, &JsonMember::value);
  }
  const auto by_name = [](const JsonValue::Object& members) {
    std::vector<const JsonMember*> sorted;
    sorted.reserve(members.size());
    for (const JsonMember& member : members)
      sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](const JsonMember* m) -> const auto& { return m->name; });
    return sorted;
  };
  return std::ranges::equal(by_name(a), by_name(b), [](const JsonMember* x, const JsonMember* y) {
    return is_equal_member(*x, *y);
  });
}

}  // namespace

bool operator==(const JsonValue& a, const JsonValue& b) {
  if (a.value_.index() != b.value_.index()) return false;
  if (const auto* members = a.if_object()) return are_equal_members(*members, *b.if_object());
  if (const auto* elements = a.if_array()) return *elements == *b.if_array();
  if (const auto* text = a.if_string()) return *text == *b.if_string();
  if (const auto* integer = a.if_integer()) return *integer == *b.if_integer();
  if (const auto* number = a.if_double()) return *number == *b.if_double();
  if (const auto* big = a.if_big_integer()) return *big == *b.if_big_integer();
  if (const auto* truth = a.if_bool()) return *truth == *b.if_bool();
  return true;  // null and null
}

std::string child_pointer(std::string_view parent, std::string_view token) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string child_pointer(std::string_view parent, std::size_t index) {
  return std::string(parent) + '/' + std::to_string(index);
}

}  // namespace cavra
