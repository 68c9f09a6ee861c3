#include "json/rapidjson_config.hpp"

#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <charconv>
#include <mutex>

#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"
#include "json/schema_check.hpp"
#include "json/schema_explain.hpp"

namespace cavra {
namespace {

using rapidjson::SizeType;

SizeType size_of(std::size_t size) {
  return static_cast<SizeType>(size);
}

// Integers beyond 64 bits become doubles, as RapidJSON's own reader has it.
template <class Handler>
bool emit_big_integer(const BigInteger& big, Handler& handler) {
  const char* end = big.digits.data() + big.digits.size();
  std::uint64_t integer = 0;
  if (std::from_chars(big.digits.data(), end, integer).ec == std::errc{}) {
    return handler.Uint64(integer);
  }
  double number = 0;
  const bool is_double = std::from_chars(big.digits.data(), end, number).ec == std::errc{};
  const double largest = std::numeric_limits<double>::max();
  if (!is_double) number = big.digits.front() == '-' ? -largest : largest;
  return handler.Double(number);
}

// Tells a value to one of RapidJSON's handlers, which say false to end it.
template <class Handler>
bool emit(const JsonValue& value, Handler& handler) {
  if (const auto* members = value.if_object()) {
    if (!handler.StartObject()) return false;
    for (const JsonMember& member : *members) {
      const bool goes_on = handler.Key(member.name.data(), size_of(member.name.size()), true) &&
                           emit(member.value, handler);
      if (!goes_on) return false;
    }
    return handler.EndObject(size_of(members->size()));
  }
  if (const auto* elements = value.if_array()) {
    if (!handler.StartArray()) return false;
    for (const JsonValue& element : *elements) {
      if (!emit(element, handler)) return false;
    }
    return handler.EndArray(size_of(elements->size()));
  }
  if (const auto* text = value.if_string()) {
    return handler.String(text->data(), size_of(text->size()), true);
  }
  if (const auto* integer = value.if_integer()) return handler.Int64(*integer);
  if (const auto* number = value.if_double()) return handler.Double(*number);
  if (const auto* big = value.if_big_integer()) return emit_big_integer(*big, handler);
  if (const auto* truth = value.if_bool()) return handler.Bool(*truth);
  return handler.Null();
}

// RapidJSON's matcher takes a NUL for the end, so with it `good\0bad` would match "^good$".
std::optional<std::string> find_nul(const JsonValue& value, const std::string& pointer) {
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (const auto* text = value.if_string()) {
    if (has_nul(*text)) return pointer;
  } else if (const auto* elements = value.if_array()) {
    for (std::size_t i = 0; i < elements->size(); ++i) {
      if (auto found = find_nul((*elements)[i], child_pointer(pointer, i))) return found;
    }
  } else if (const auto* members = value.if_object()) {
    for (const auto& [name, member] : *members) {
      if (has_nul(name)) return pointer;
      if (auto found = find_nul(member, child_pointer(pointer, name))) return found;
    }
  }
  return std::nullopt;
}

bool matches(const std::string& pattern, const std::string& text) {
  const rapidjson::internal::GenericRegex<rapidjson::UTF8<>> regex(pattern.c_str());
  return regex.Search(text.c_str());
}

rapidjson::Document to_document(const JsonValue& value) {
  rapidjson::Document document;
  auto generate = [&](rapidjson::Document& handler) { return emit(value, handler); };
  document.Populate(generate);
  return document;
}

std::string text_of(const rapidjson::SchemaDocument::PointerType& pointer) {
  rapidjson::StringBuffer buffer;
  pointer.Stringify(buffer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

struct JsonSchema::Impl {
  Impl(JsonValue whole, const JsonValue& judged)
      : schema(std::move(whole)), document(to_document(judged)), compiled(document) {}

  JsonValue schema;
  rapidjson::Document document;
  rapidjson::SchemaDocument compiled;
  // RapidJSON's regular expressions have their working memory in themselves.
  std::mutex validating;
};

JsonSchema::JsonSchema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

Result<JsonSchema> JsonSchema::compile(std::string_view schema_text) {
  if (schema_text.size() > kMaxSchemaBytes) {
    return Error{ErrorCode::usage, "JSON schema: longer than 1 MiB"};
  }
  auto schema = parse_json(schema_text);
  if (!schema) return Error{ErrorCode::usage, "JSON schema: " + schema.error().message};
  CAVRA_TRY(const JsonValue judged, check_schema(*schema));
  return JsonSchema(std::make_unique<Impl>(*std::move(schema), judged));
}

std::vector<JsonSchema::Violation> JsonSchema::validate(const JsonValue& document) const {
  if (auto pointer = find_nul(document, "")) {
    return {{*std::move(pointer), "has a NUL character, which is not allowed here"}};
  }
  const std::lock_guard lock(impl_->validating);
  rapidjson::SchemaValidator validator(impl_->compiled);
  emit(document, validator);
  auto violations = explain_violations(impl_->schema, document, matches);
  if (violations.empty() && !validator.IsValid()) {
    const char* keyword = validator.GetInvalidSchemaKeyword();
    const std::string rule = keyword == nullptr ? "" : ' ' + quoted(std::string_view(keyword));
    violations.push_back(
        {text_of(validator.GetInvalidDocumentPointer()), "breaks the schema's rule" + rule});
  }
  return violations;
}

}  // namespace cavra
