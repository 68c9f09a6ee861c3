#include "json/schema_explain.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "cavra/support/encoding.hpp"
#include "json/schema_check.hpp"

namespace cavra {
namespace {

using Violations = std::vector<JsonSchema::Violation>;

// Holds each 64-bit integer and each double exactly.
using Number = long double;

std::optional<Number> number_of(const JsonValue& value) {
  if (const auto* integer = value.if_integer()) return static_cast<Number>(*integer);
  if (const auto* number = value.if_double()) return static_cast<Number>(*number);
  const auto* big = value.if_big_integer();
  if (big == nullptr) return std::nullopt;
  double number = 0;
  std::from_chars(big->digits.data(), big->digits.data() + big->digits.size(), number);
  return static_cast<Number>(number);
}

// Integers are those that fit into 64 bits, with a sign or without, as RapidJSON has it.
bool is_integer(const JsonValue& value) {
  if (value.if_integer() != nullptr) return true;
  const auto* big = value.if_big_integer();
  std::uint64_t ignored = 0;
  return big != nullptr &&
         std::from_chars(big->digits.data(), big->digits.data() + big->digits.size(), ignored).ec ==
             std::errc{};
}

bool has_type(const JsonValue& value, const std::string& type) {
  if (type == "number") return number_of(value).has_value();
  if (type == "integer") return is_integer(value);
  return type == value.type_name();
}

// Code points, which is what minLength counts.
std::size_t length_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::string with_noun(std::int64_t count, const char* one, const char* many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

class Explainer {
 public:
  Explainer(const JsonValue& root, const PatternMatcher& matches)
      : root_(root), matches_(matches) {}

  // Recursion is bounded: the document's depth times what check_schema() allows for one value.
  void explain(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    if (const JsonValue* reference = schema.find("$ref")) {
      return explain(*resolve_reference(root_, *reference->if_string()), value, pointer);
    }
    if (!explain_type(schema, value, pointer)) return;
    explain_enum(schema, value, pointer);
    explain_number(schema, value, pointer);
    explain_string(schema, value, pointer);
    explain_array(schema, value, pointer);
    explain_object(schema, value, pointer);
    explain_combined(schema, value, pointer);
  }

  Violations take() { return std::move(found_); }

 private:
  void add(const std::string& pointer, std::string problem) {
    if (found_.size() < kMaxViolations) found_.push_back({pointer, std::move(problem)});
  }

  Violations explain_apart(const JsonValue& schema, const JsonValue& value,
                           const std::string& pointer) const {
    Explainer apart(root_, matches_);
    apart.explain(schema, value, pointer);
    return apart.take();
  }

  bool explain_type(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    const JsonValue* type = schema.find("type");
    if (type == nullptr) return true;
    std::vector<std::string> types;
    if (const std::string* one = type->if_string()) types.push_back(*one);
    if (const auto* many = type->if_array()) {
      for (const JsonValue& each : *many)
        types.push_back(*each.if_string());
    }
    const auto fits = [&](const std::string& name) { return has_type(value, name); };
    if (std::ranges::any_of(types, fits)) return true;
    const bool is_beyond = value.if_big_integer() != nullptr;
    add(pointer, "expected " + listed(types) + ", found " +
                     (is_beyond ? "integer beyond 64 bits" : value.type_name()));
    return false;
  }

  void explain_enum(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    const JsonValue* values = schema.find("enum");
    if (values == nullptr) return;
    std::vector<std::string> texts;
    for (const JsonValue& each : *values->if_array()) {
      const bool is_same_number = number_of(each) && number_of(each) == number_of(value);
      if (each == value || is_same_number) return;
      texts.push_back(printable(compact_json(each), 100));
    }
    add(pointer,
        texts.size() == 1 ? "must be " + texts.front() : "must be one of " + listed(texts));
  }

  void explain_number(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    const auto number = number_of(value);
    if (!number) return;
    const auto is_exclusive = [&](const char* name) {
      const JsonValue* flag = schema.find(name);
      return flag != nullptr && *flag == JsonValue(true);
    };
    if (const JsonValue* minimum = schema.find("minimum")) {
      const bool excludes = is_exclusive("exclusiveMinimum");
      const Number least = *number_of(*minimum);
      if (excludes ? *number <= least : *number < least) {
        add(pointer,
            (excludes ? "must be more than " : "must be at least ") + compact_json(*minimum));
      }
    }
    if (const JsonValue* maximum = schema.find("maximum")) {
      const bool excludes = is_exclusive("exclusiveMaximum");
      const Number most = *number_of(*maximum);
      if (excludes ? *number >= most : *number > most) {
        add(pointer,
            (excludes ? "must be less than " : "must be at most ") + compact_json(*maximum));
      }
    }
    if (const JsonValue* step = schema.find("multipleOf")) {
      if (std::fmod(std::fabs(*number), *number_of(*step)) > 0) {
        add(pointer, "must be a multiple of " + compact_json(*step));
      }
    }
  }

  // "must have at least 3 characters", and the other end.
  void explain_count(const JsonValue& schema, const char* least_name, const char* most_name,
                     std::size_t count, const char* one, const char* many,
                     const std::string& pointer) {
    const auto limit = [&](const char* name) -> const std::int64_t* {
      const JsonValue* value = schema.find(name);
      return value == nullptr ? nullptr : value->if_integer();
    };
    const auto signed_count = static_cast<std::int64_t>(count);
    const std::int64_t* least = limit(least_name);
    if (least != nullptr && signed_count < *least) {
      add(pointer, "must have at least " + with_noun(*least, one, many));
    }
    const std::int64_t* most = limit(most_name);
    if (most != nullptr && signed_count > *most) {
      add(pointer, "must have at most " + with_noun(*most, one, many));
    }
  }

  void explain_string(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    const std::string* text = value.if_string();
    if (text == nullptr) return;
    explain_count(schema, "minLength", "maxLength", length_of(*text), "character", "characters",
                  pointer);
    const JsonValue* pattern = schema.find("pattern");
    if (pattern != nullptr && !matches_(*pattern->if_string(), *text)) {
      add(pointer, "must match the pattern " + printable(*pattern->if_string()));
    }
  }

  void explain_array(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    const JsonValue::Array* elements = value.if_array();
    if (elements == nullptr) return;
    explain_count(schema, "minItems", "maxItems", elements->size(), "element", "elements", pointer);
    const JsonValue* unique = schema.find("uniqueItems");
    if (unique != nullptr && *unique == JsonValue(true)) {
      std::set<std::string> seen;
      for (const JsonValue& element : *elements) {
        if (seen.insert(canonical_json(element)).second) continue;
        add(pointer, "must not have an element twice");
        break;
      }
    }
    for (std::size_t i = 0; i < elements->size(); ++i) {
      explain_element(schema, (*elements)[i], i, child_pointer(pointer, i));
    }
  }

  void explain_element(const JsonValue& schema, const JsonValue& element, std::size_t index,
                       const std::string& pointer) {
    const JsonValue* items = schema.find("items");
    if (items == nullptr) return;
    const JsonValue::Array* tuple = items->if_array();
    if (tuple == nullptr) return explain(*items, element, pointer);
    if (index < tuple->size()) return explain((*tuple)[index], element, pointer);
    const JsonValue* additional = schema.find("additionalItems");
    if (additional == nullptr || *additional == JsonValue(true)) return;
    if (additional->is_object()) return explain(*additional, element, pointer);
    add(pointer, "one element too many; there may be " + std::to_string(tuple->size()));
  }

  void explain_object(const JsonValue& schema, const JsonValue& value, const std::string& pointer) {
    const JsonValue::Object* members = value.if_object();
    if (members == nullptr) return;
    explain_count(schema, "minProperties", "maxProperties", members->size(), "member", "members",
                  pointer);
    explain_required(schema, value, pointer);
    explain_dependencies(schema, value, pointer);
    for (const JsonMember& member : *members) {
      explain_member(schema, member, child_pointer(pointer, member.name));
    }
  }

  void explain_required(const JsonValue& schema, const JsonValue& value,
                        const std::string& pointer) {
    const JsonValue* required = schema.find("required");
    if (required == nullptr) return;
    for (const JsonValue& name : *required->if_array()) {
      if (value.find(*name.if_string()) != nullptr) continue;
      add(pointer, "member " + quoted(*name.if_string()) + " is missing");
    }
  }

  void explain_dependencies(const JsonValue& schema, const JsonValue& value,
                            const std::string& pointer) {
    const JsonValue* dependencies = schema.find("dependencies");
    if (dependencies == nullptr) return;
    for (const JsonMember& member : *dependencies->if_object()) {
      if (value.find(member.name) == nullptr) continue;
      const JsonValue::Array* names = member.value.if_array();
      if (names == nullptr) {
        explain(member.value, value, pointer);
        continue;
      }
      for (const JsonValue& name : *names) {
        if (value.find(*name.if_string()) != nullptr) continue;
        add(pointer, "member " + quoted(member.name) + " needs the member " +
                         quoted(*name.if_string()) + " beside it");
      }
    }
  }

  void explain_member(const JsonValue& schema, const JsonMember& member,
                      const std::string& pointer) {
    bool is_known = false;
    const JsonValue* properties = schema.find("properties");
    if (const JsonValue* property =
            properties == nullptr ? nullptr : properties->find(member.name)) {
      is_known = true;
      explain(*property, member.value, pointer);
    }
    if (const JsonValue* patterns = schema.find("patternProperties")) {
      for (const JsonMember& pattern : *patterns->if_object()) {
        if (!matches_(pattern.name, member.name)) continue;
        is_known = true;
        explain(pattern.value, member.value, pointer);
      }
    }
    const JsonValue* additional = schema.find("additionalProperties");
    if (is_known || additional == nullptr || *additional == JsonValue(true)) return;
    if (additional->is_object()) return explain(*additional, member.value, pointer);
    add(pointer, unknown_member(member.name, properties));
  }

  static std::string unknown_member(const std::string& name, const JsonValue* properties) {
    std::vector<std::string> known;
    if (properties != nullptr) {
      for (const JsonMember& member : *properties->if_object())
        known.push_back(member.name);
    }
    std::vector<std::string> near;
    for (const std::string& word : near_words(name, known))
      near.push_back(quoted(word));
    std::string problem = "unknown member " + quoted(name);
    if (!near.empty()) problem += " (did you mean " + listed(near) + "?)";
    return problem;
  }

  void explain_combined(const JsonValue& schema, const JsonValue& value,
                        const std::string& pointer) {
    if (const JsonValue* all = schema.find("allOf")) {
      for (const JsonValue& each : *all->if_array())
        explain(each, value, pointer);
    }
    if (const JsonValue* any = schema.find("anyOf")) {
      if (count_fitting(*any->if_array(), value, pointer) == 0) add_none(*any, value, pointer);
    }
    if (const JsonValue* one = schema.find("oneOf")) {
      const std::size_t count = count_fitting(*one->if_array(), value, pointer);
      if (count == 0) add_none(*one, value, pointer);
      if (count > 1) {
        add(pointer, "fits " + std::to_string(count) + " of the allowed forms, and must fit one");
      }
    }
    const JsonValue* other = schema.find("not");
    if (other != nullptr && explain_apart(*other, value, pointer).empty()) {
      add(pointer, "has a form that is ruled out");
    }
  }

  std::size_t count_fitting(const JsonValue::Array& schemas, const JsonValue& value,
                            const std::string& pointer) const {
    return static_cast<std::size_t>(std::ranges::count_if(schemas, [&](const JsonValue& each) {
      return explain_apart(each, value, pointer).empty();
    }));
  }

  // With what stands in the way of the form that comes nearest.
  void add_none(const JsonValue& forms, const JsonValue& value, const std::string& pointer) {
    Violations nearest;
    for (const JsonValue& form : *forms.if_array()) {
      Violations own = explain_apart(form, value, pointer);
      if (nearest.empty() || own.size() < nearest.size()) nearest = std::move(own);
    }
    std::string problem = "fits none of the allowed forms; nearest to one but for";
    for (const auto& [place, what] : nearest) {
      problem += ' ' + (place == pointer ? "" : quoted(place) + ": ") + what + ';';
    }
    problem.pop_back();
    add(pointer, std::move(problem));
  }

  const JsonValue& root_;
  const PatternMatcher& matches_;
  Violations found_;
};

}  // namespace

Violations explain_violations(const JsonValue& schema, const JsonValue& document,
                              const PatternMatcher& matches) {
  Explainer explainer(schema, matches);
  explainer.explain(schema, document, "");
  return explainer.take();
}

}  // namespace cavra
