#include "json/schema_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "cavra/support/encoding.hpp"
#include "json/schema_pattern.hpp"

namespace cavra {
namespace {

// Schemas that are about one and the same value, each part of the one before; a loop has no end.
constexpr std::size_t kMaxSchemasOfOneValue = 100;

enum class Shape {
  schema,
  schema_list,
  schema_map,
  schema_or_boolean,
  items,
  dependencies,
  types,
  values,
  names,
  count,
  number,
  positive_number,
  boolean,
  pattern,
  pattern_map,
  reference,
  text,
  anything,
};

struct Keyword {
  std::string_view name;
  Shape shape;
  bool is_judged;  // RapidJSON gets it
};

// JSON Schema draft-04, "validation", section 5, and "core", sections 6 and 7.
constexpr std::array kKeywords{
    Keyword{"type", Shape::types, true},
    Keyword{"enum", Shape::values, true},
    Keyword{"allOf", Shape::schema_list, true},
    Keyword{"anyOf", Shape::schema_list, true},
    Keyword{"oneOf", Shape::schema_list, true},
    Keyword{"not", Shape::schema, true},
    Keyword{"definitions", Shape::schema_map, true},
    Keyword{"$ref", Shape::reference, true},
    Keyword{"properties", Shape::schema_map, true},
    Keyword{"patternProperties", Shape::pattern_map, true},
    Keyword{"additionalProperties", Shape::schema_or_boolean, true},
    Keyword{"required", Shape::names, true},
    Keyword{"dependencies", Shape::dependencies, true},
    Keyword{"minProperties", Shape::count, true},
    Keyword{"maxProperties", Shape::count, true},
    Keyword{"items", Shape::items, true},
    Keyword{"additionalItems", Shape::schema_or_boolean, true},
    Keyword{"minItems", Shape::count, true},
    Keyword{"maxItems", Shape::count, true},
    Keyword{"uniqueItems", Shape::boolean, true},
    Keyword{"minLength", Shape::count, true},
    Keyword{"maxLength", Shape::count, true},
    Keyword{"pattern", Shape::pattern, true},
    Keyword{"minimum", Shape::number, true},
    Keyword{"maximum", Shape::number, true},
    Keyword{"exclusiveMinimum", Shape::boolean, true},
    Keyword{"exclusiveMaximum", Shape::boolean, true},
    Keyword{"multipleOf", Shape::positive_number, true},
    Keyword{"$schema", Shape::text, false},
    Keyword{"id", Shape::text, false},
    Keyword{"title", Shape::text, false},
    Keyword{"description", Shape::text, false},
    Keyword{"format", Shape::text, false},
    Keyword{"default", Shape::anything, false},
};

// Draft-04 ignores these, so whoever writes one believes in a check that never happens.
constexpr std::array<std::string_view, 12> kLaterKeywords{"const",
                                                          "contains",
                                                          "propertyNames",
                                                          "if",
                                                          "then",
                                                          "else",
                                                          "$defs",
                                                          "$id",
                                                          "dependentSchemas",
                                                          "$anchor",
                                                          "unevaluatedProperties",
                                                          "prefixItems"};

constexpr std::array<std::string_view, 7> kTypes{"null",   "boolean", "object", "array",
                                                 "string", "number",  "integer"};

bool is_number(const JsonValue& value) {
  return value.if_integer() != nullptr || value.if_double() != nullptr;
}

bool is_positive(const JsonValue& value) {
  const std::int64_t* integer = value.if_integer();
  const double* number = value.if_double();
  return (integer != nullptr && *integer > 0) || (number != nullptr && *number > 0);
}

bool is_count(const JsonValue& value) {
  const std::int64_t* integer = value.if_integer();
  return integer != nullptr && *integer >= 0 && *integer < std::int64_t{0xFFFFFFFF};
}

// A list of at least one, all different, all of one kind.
template <class Predicate>
bool is_list_of(const JsonValue& value, Predicate is_right) {
  const JsonValue::Array* list = value.if_array();
  if (list == nullptr || list->empty() || !std::ranges::all_of(*list, is_right)) return false;
  std::set<std::string> seen;
  return std::ranges::all_of(
      *list, [&](const JsonValue& each) { return seen.insert(canonical_json(each)).second; });
}

bool is_type(const JsonValue& value) {
  const std::string* name = value.if_string();
  return name != nullptr && std::ranges::find(kTypes, *name) != kTypes.end();
}

// What RapidJSON's compiler, which takes each object anywhere for a schema, would trip over in
// values that are no schemas.
bool is_harmless_value(const JsonValue& value) {
  if (const auto* list = value.if_array()) return std::ranges::all_of(*list, is_harmless_value);
  const auto* members = value.if_object();
  return members == nullptr || std::ranges::all_of(*members, [](const JsonMember& member) {
           return std::ranges::find(kKeywords, member.name, &Keyword::name) == kKeywords.end() &&
                  is_harmless_value(member.value);
         });
}

// RapidJSON takes the map of "properties" for a schema too: there, a property named "dependencies"
// must not have a list of other things than strings.
bool is_harmless_property(const JsonMember& property) {
  if (property.name != "dependencies" || !property.value.is_object()) return true;
  return std::ranges::all_of(*property.value.if_object(), [](const JsonMember& member) {
    const JsonValue::Array* list = member.value.if_array();
    return list == nullptr || std::ranges::all_of(*list, &JsonValue::is_string);
  });
}

class SchemaChecker {
 public:
  explicit SchemaChecker(const JsonValue& root) : root_(root) {}

  Result<JsonValue> check() {
    CAVRA_CHECK(check_draft());
    CAVRA_TRY(JsonValue copy, check_one(root_, ""));
    for (const auto& [schema, pointer] : references_) {
      if (!is_schema_.contains(resolve_reference(root_, *schema->find("$ref")->if_string()))) {
        return fail(child_pointer(pointer, "$ref"), "leads to no schema");
      }
    }
    for (const auto& [schema, pointer] : is_schema_) {
      if (!ends(schema, 0)) {
        return fail(pointer, "a schema that leads to itself about one and the same value");
      }
    }
    return copy;
  }

 private:
  static Error fail(std::string_view pointer, std::string_view problem) {
    return {ErrorCode::usage, "JSON schema, at " + (pointer.empty() ? "its top" : quoted(pointer)) +
                                  ": " + std::string(problem)};
  }

  Result<void> check_draft() {
    const JsonValue* draft = root_.find("$schema");
    if (draft == nullptr || *draft == JsonValue("http://json-schema.org/draft-04/schema#") ||
        *draft == JsonValue("http://json-schema.org/draft-04/schema")) {
      return {};
    }
    return fail("/$schema", "not draft-04; write http://json-schema.org/draft-04/schema#");
  }

  // Gives the copy for RapidJSON. Recursion is bounded by kMaxJsonDepth, as the text's was.
  Result<JsonValue> check_one(const JsonValue& schema, const std::string& pointer) {
    const JsonValue::Object* members = schema.if_object();
    if (members == nullptr) return fail(pointer, "a schema must be an object");
    is_schema_.emplace(&schema, pointer);
    JsonValue copy = JsonValue::object();
    for (const JsonMember& member : *members) {
      const std::string at = child_pointer(pointer, member.name);
      const auto keyword = std::ranges::find(kKeywords, member.name, &Keyword::name);
      if (std::ranges::find(kLaterKeywords, member.name) != kLaterKeywords.end()) {
        return fail(at, "a keyword of a later draft, which draft-04 would ignore");
      }
      if (keyword == kKeywords.end()) continue;  // draft-04, core 7: others are ignored
      CAVRA_TRY(JsonValue value, check_keyword(*keyword, member.value, at));
      if (keyword->is_judged) copy.set(member.name, std::move(value));
    }
    if (schema.find("$ref") != nullptr) {
      references_.emplace_back(&schema, pointer);
      // Draft-04, "JSON Reference", section 3: the others beside it are ignored.
    }
    close_additional_properties(copy);
    return copy;
  }

  // Where additionalProperties is false, RapidJSON judges a member that a pattern matches by
  // whatever came before it. A schema that nothing fits means the same, and it judges that right.
  static void close_additional_properties(JsonValue& copy) {
    const JsonValue* additional = copy.find("additionalProperties");
    if (additional == nullptr || copy.find("patternProperties") == nullptr) return;
    if (*additional == JsonValue(false)) {
      copy.set("additionalProperties", JsonValue::object({{"not", JsonValue::object()}}));
    }
  }

  Result<JsonValue> check_keyword(const Keyword& keyword, const JsonValue& value,
                                  const std::string& at) {
    const auto require = [&](bool is_right, const char* what) -> Result<JsonValue> {
      if (!is_right) return fail(at, std::string("must be ") + what);
      return value;
    };
    switch (keyword.shape) {
      case Shape::schema:
        return check_one(value, at);
      case Shape::schema_list:
        return check_list(value, at);
      case Shape::schema_map:
        return check_map(value, at);
      case Shape::pattern_map:
        return check_pattern_map(value, at);
      case Shape::dependencies:
        return check_dependencies(value, at);
      case Shape::values:
        return check_values(value, at);
      case Shape::pattern:
        return check_pattern(value, at);
      case Shape::reference:
        return check_reference(value, at);
      case Shape::schema_or_boolean:
        if (value.if_bool() != nullptr) return value;
        return check_one(value, at);
      case Shape::items:
        if (value.is_array()) return check_list(value, at);
        return check_one(value, at);
      case Shape::types:
        return require(is_type(value) || is_list_of(value, is_type), "a type, or a list of types");
      case Shape::names:
        return require(is_list_of(value, &JsonValue::is_string), "a list of different names");
      case Shape::count:
        return require(is_count(value), "an integer from 0 to 4294967294");
      case Shape::number:
        return require(is_number(value), "a number");
      case Shape::positive_number:
        return require(is_positive(value), "a number above 0");
      case Shape::boolean:
        return require(value.if_bool() != nullptr, "true or false");
      case Shape::text:
        return require(value.is_string(), "a string");
      case Shape::anything:
        break;
    }
    return value;
  }

  Result<JsonValue> check_list(const JsonValue& value, const std::string& at) {
    const JsonValue::Array* list = value.if_array();
    if (list == nullptr || list->empty()) return fail(at, "must be a list of schemas");
    JsonValue copy = JsonValue::array();
    for (std::size_t i = 0; i < list->size(); ++i) {
      CAVRA_TRY(JsonValue each, check_one((*list)[i], child_pointer(at, i)));
      copy.push_back(std::move(each));
    }
    return copy;
  }

  Result<JsonValue> check_map(const JsonValue& value, const std::string& at) {
    const JsonValue::Object* members = value.if_object();
    if (members == nullptr) return fail(at, "must be an object of schemas");
    JsonValue copy = JsonValue::object();
    for (const JsonMember& member : *members) {
      const std::string place = child_pointer(at, member.name);
      if (member.name.find('\0') != std::string::npos) return fail(at, "a name with NUL");
      if (!is_harmless_property(member)) return fail(place, "this list is not supported here");
      CAVRA_TRY(JsonValue each, check_one(member.value, place));
      copy.set(member.name, std::move(each));
    }
    return copy;
  }

  Result<JsonValue> check_pattern_map(const JsonValue& value, const std::string& at) {
    const JsonValue::Object* members = value.if_object();
    if (members == nullptr || members->empty()) {
      return fail(at, "must be an object of schemas, at least one");
    }
    for (const JsonMember& member : *members) {
      CAVRA_CHECK(check_pattern(JsonValue(member.name), child_pointer(at, member.name)));
    }
    return check_map(value, at);
  }

  Result<JsonValue> check_dependencies(const JsonValue& value, const std::string& at) {
    const JsonValue::Object* members = value.if_object();
    if (members == nullptr) return fail(at, "must be an object");
    JsonValue copy = JsonValue::object();
    for (const JsonMember& member : *members) {
      const std::string place = child_pointer(at, member.name);
      if (is_list_of(member.value, &JsonValue::is_string)) {
        copy.set(member.name, member.value);
        continue;
      }
      if (!member.value.is_object()) return fail(place, "must be a schema or a list of names");
      CAVRA_TRY(JsonValue each, check_one(member.value, place));
      copy.set(member.name, std::move(each));
    }
    return copy;
  }

  static Result<JsonValue> check_values(const JsonValue& value, const std::string& at) {
    if (!is_list_of(value, [](const JsonValue&) { return true; })) {
      return fail(at, "must be a list of different values");
    }
    if (!is_harmless_value(value)) {
      return fail(at, "a value with a member that is named like a keyword is not supported");
    }
    return value;
  }

  static Result<JsonValue> check_pattern(const JsonValue& value, const std::string& at) {
    const std::string* pattern = value.if_string();
    if (pattern == nullptr) return fail(at, "must be a string");
    const auto problem = pattern_problem(*pattern);
    if (problem) return fail(at, "the pattern cannot be used: " + *problem);
    return value;
  }

  static Result<JsonValue> check_reference(const JsonValue& value, const std::string& at) {
    const std::string* reference = value.if_string();
    if (reference == nullptr) return fail(at, "must be a string");
    if (*reference == "#" || reference->starts_with("#/")) return check_fragment(*reference, at);
    return fail(at, "only references within this schema (\"#/…\") are followed");
  }

  // RapidJSON ignores a fragment with characters that RFC 3986 wants encoded.
  static Result<JsonValue> check_fragment(const std::string& reference, const std::string& at) {
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/$";
    if (reference.find_first_not_of(kPlain, 1) != std::string::npos) {
      return fail(at, "only letters, digits and - . _ ~ / $ may stand in a reference");
    }
    return JsonValue(reference);
  }

  // Whether following what is about the same value comes to an end.
  bool ends(const JsonValue* schema, std::size_t depth) {
    if (ended_.contains(schema)) return true;
    if (depth > kMaxSchemasOfOneValue) return false;
    for (const JsonValue* next : of_same_value(*schema)) {
      if (!ends(next, depth + 1)) return false;
    }
    ended_.insert(schema);
    return true;
  }

  std::vector<const JsonValue*> of_same_value(const JsonValue& schema) {
    std::vector<const JsonValue*> found;
    if (const JsonValue* reference = schema.find("$ref")) {
      return {resolve_reference(root_, *reference->if_string())};
    }
    for (const char* name : {"allOf", "anyOf", "oneOf"}) {
      const JsonValue* list = schema.find(name);
      if (list == nullptr) continue;
      for (const JsonValue& each : *list->if_array())
        found.push_back(&each);
    }
    if (const JsonValue* other = schema.find("not")) found.push_back(other);
    if (const JsonValue* dependencies = schema.find("dependencies")) {
      for (const JsonMember& member : *dependencies->if_object()) {
        if (member.value.is_object()) found.push_back(&member.value);
      }
    }
    return found;
  }

  const JsonValue& root_;
  std::map<const JsonValue*, std::string> is_schema_;  // with their pointers
  std::vector<std::pair<const JsonValue*, std::string>> references_;
  std::set<const JsonValue*> ended_;
};

}  // namespace

Result<JsonValue> check_schema(const JsonValue& schema) {
  return SchemaChecker(schema).check();
}

const JsonValue* resolve_reference(const JsonValue& root, std::string_view reference) {
  const JsonValue* value = &root;
  reference.remove_prefix(1);  // '#'
  while (!reference.empty()) {
    reference.remove_prefix(1);  // '/'
    const std::string_view escaped = reference.substr(0, reference.find('/'));
    reference.remove_prefix(escaped.size());
    std::string token;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
      const std::string_view pair = escaped.substr(i, 2);
      token += pair == "~1" ? '/' : escaped[i];  // "~0" is '~'
      if (pair == "~0" || pair == "~1") ++i;
    }
    if (const auto* list = value->if_array()) {
      std::size_t index = 0;
      const auto read = std::from_chars(token.data(), token.data() + token.size(), index);
      const bool is_index = read.ec == std::errc{} && token == std::to_string(index);
      value = is_index && index < list->size() ? &(*list)[index] : nullptr;
    } else {
      value = value->find(token);
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

}  // namespace cavra
