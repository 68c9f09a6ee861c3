#include <doctest/doctest.h>

#include <thread>

#include "cavra/json.hpp"

using namespace cavra;

namespace {

// "pointer: problem" for each violation.
std::vector<std::string> violations(std::string_view schema, std::string_view document) {
  const auto compiled = JsonSchema::compile(schema);
  if (!compiled) return {"schema refused: " + compiled.error().message};
  std::vector<std::string> found;
  for (const auto& [pointer, problem] : compiled->validate(parse_json(document).value())) {
    found.push_back(pointer + ": " + problem);
  }
  return found;
}

std::string refusal(std::string_view schema) {
  const auto compiled = JsonSchema::compile(schema);
  if (compiled) return "accepted";
  CHECK(compiled.error().code == ErrorCode::usage);
  return compiled.error().message;
}

using Texts = std::vector<std::string>;

constexpr std::string_view kSettings = R"({
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "settings",
  "type": "object",
  "required": ["bucket", "mode"],
  "additionalProperties": false,
  "properties": {
    "bucket": {"type": "string", "pattern": "^[a-z]{3,10}$"},
    "mode": {"enum": ["COMPLIANCE", "GOVERNANCE"]},
    "region": {"type": ["string", "null"]},
    "retries": {"type": "integer", "minimum": 0, "maximum": 10},
    "tags": {"type": "array", "items": {"$ref": "#/definitions/tag"}, "maxItems": 2}
  },
  "definitions": {
    "tag": {"type": "object", "additionalProperties": false,
            "properties": {"name": {"type": "string", "minLength": 1}}, "required": ["name"]}
  }
})";

}  // namespace

TEST_CASE("a document that fits has no violations") {
  CHECK(violations(kSettings, R"({"bucket": "evidence", "mode": "COMPLIANCE", "region": null,
                                  "retries": 3, "tags": [{"name": "a"}]})")
            .empty());
  CHECK(violations("{}", "[1, \"x\", {}]").empty());
}

TEST_CASE("everything that is wrong is told, each at its place") {
  CHECK(violations(kSettings, R"({"bukcet": "evidence", "mode": "compliance", "region": 7,
                                  "retries": 11, "tags": [{"nane": ""}, {"name": ""}, {}]})") ==
        Texts{
            ": member \"bucket\" is missing",
            "/bukcet: unknown member \"bukcet\" (did you mean \"bucket\"?)",
            "/mode: must be one of \"COMPLIANCE\" or \"GOVERNANCE\"",
            "/region: expected string or null, found integer",
            "/retries: must be at most 10",
            "/tags: must have at most 2 elements",
            "/tags/0: member \"name\" is missing",
            "/tags/0/nane: unknown member \"nane\" (did you mean \"name\"?)",
            "/tags/1/name: must have at least 1 character",
            "/tags/2: member \"name\" is missing",
        });
}

TEST_CASE("each keyword is judged, and said in words") {
  struct Row {
    std::string_view schema;
    std::string_view fits;
    std::string_view not_fits;
    std::string problem;
  };
  const std::vector<Row> rows{
      {R"({"type": "string"})", "\"a\"", "1", ": expected string, found integer"},
      {R"({"type": "integer"})", "1", "1.0", ": expected integer, found number"},
      {R"({"type": "integer"})", "18446744073709551615", "18446744073709551616",
       ": expected integer, found integer beyond 64 bits"},
      {R"({"type": "number"})", "1", "true", ": expected number, found boolean"},
      {R"({"type": "number"})", "123456789012345678901234567890", "null",
       ": expected number, found null"},
      {R"({"type": ["array", "object", "null"]})", "[]", "\"\"",
       ": expected array, object or null, found string"},
      {R"({"type": "boolean"})", "false", "{}", ": expected boolean, found object"},
      {R"({"enum": [1, "a", {"x": [null]}]})", "{\"x\": [null]}", "{\"x\": []}",
       R"(: must be one of 1, "a" or {"x":[null]})"},
      {R"({"enum": [1]})", "1.0", "2", ": must be 1"},
      {R"({"minimum": 2})", "2", "1", ": must be at least 2"},
      {R"({"minimum": 2, "exclusiveMinimum": true})", "2.5", "2", ": must be more than 2"},
      {R"({"maximum": 2.5})", "2.5", "3", ": must be at most 2.5"},
      {R"({"maximum": 2, "exclusiveMaximum": true})", "1", "2", ": must be less than 2"},
      {R"({"multipleOf": 5})", "15", "16", ": must be a multiple of 5"},
      {R"({"minLength": 2})", "\"é€\"", "\"€\"", ": must have at least 2 characters"},
      {R"({"maxLength": 1})", "\"€\"", "\"é€\"", ": must have at most 1 character"},
      {R"({"pattern": "^a+$"})", "\"aa\"", "\"ab\"", ": must match the pattern ^a+$"},
      {R"({"minItems": 1})", "[0]", "[]", ": must have at least 1 element"},
      {R"({"maxItems": 1})", "[0]", "[0, 0]", ": must have at most 1 element"},
      {R"({"uniqueItems": true})", "[1, \"1\", [1]]", "[1, 2, 1]",
       ": must not have an element twice"},
      {R"({"items": {"type": "null"}})", "[null]", "[null, 0]", "/1: expected null, found integer"},
      {R"({"items": [{"type": "null"}], "additionalItems": false})", "[null]", "[null, 0]",
       "/1: one element too many; there may be 1"},
      {R"({"items": [{}], "additionalItems": {"type": "null"}})", "[0, null]", "[0, 0]",
       "/1: expected null, found integer"},
      {R"({"items": [{"type": "null"}]})", "[null, 0]", "[0]", "/0: expected null, found integer"},
      {R"({"minProperties": 1})", R"({"a": 1})", "{}", ": must have at least 1 member"},
      {R"({"maxProperties": 1})", R"({"a": 1})", R"({"a": 1, "b": 2})",
       ": must have at most 1 member"},
      {R"({"required": ["a/b"]})", R"({"a/b": 1})", "{}", ": member \"a/b\" is missing"},
      {R"({"dependencies": {"a": ["b"]}})", R"({"a": 1, "b": 2})", R"({"a": 1})",
       ": member \"a\" needs the member \"b\" beside it"},
      {R"({"dependencies": {"a": {"required": ["c"]}}})", R"({"b": 1})", R"({"a": 1})",
       ": member \"c\" is missing"},
      {R"({"additionalProperties": {"type": "null"}})", R"({"a": null})", R"({"a~": 1})",
       "/a~0: expected null, found integer"},
      {R"({"additionalProperties": false})", "{}", R"({"x": 1})", "/x: unknown member \"x\""},
      {R"({"patternProperties": {"^x-": {"type": "null"}}})", R"({"x-a": null, "y": 1})",
       R"({"x-a": 1})", "/x-a: expected null, found integer"},
      {R"({"allOf": [{"type": "integer"}, {"minimum": 3}]})", "3", "2", ": must be at least 3"},
      {R"({"anyOf": [{"type": "integer"}, {"type": "null"}]})", "3", "\"\"",
       ": fits none of the allowed forms; nearest to one but for expected integer, found string"},
      {R"({"oneOf": [{"type": "integer"}, {"minimum": 3}]})", "2", "3",
       ": fits 2 of the allowed forms, and must fit one"},
      {R"({"oneOf": [{"required": ["a", "b"]}, {"required": ["c"]}]})", R"({"c": 1})", "{}",
       ": fits none of the allowed forms; nearest to one but for member \"c\" is missing"},
      {R"({"not": {"type": "integer"}})", "\"\"", "3", ": has a form that is ruled out"},
      {R"({"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"type": "null"}}})", "null", "1",
       ": expected null, found integer"},
      {R"({"properties": {"a": {"$ref": "#"}}, "additionalProperties": false})",
       R"({"a": {"a": {}}})", R"({"a": {"a": {"b": 1}}})", "/a/a/b: unknown member \"b\""},
  };
  for (const auto& [schema, fits, not_fits, problem] : rows) {
    CAPTURE(schema);
    CHECK(violations(schema, fits) == Texts{});
    const Texts found = violations(schema, not_fits);
    REQUIRE(found.size() == 1);
    CHECK(found.front() == problem);
  }
}

// Each of these RapidJSON 1.1 gets wrong by itself.
TEST_CASE("a pattern's members are judged by it alone where others are refused") {
  constexpr std::string_view schema = R"({
    "properties": {"count": {"type": "integer"}},
    "patternProperties": {"^x-": {"type": "string"}},
    "additionalProperties": false})";
  CHECK(violations(schema, R"({"x-a": "text"})") == Texts{});
  CHECK(violations(schema, R"({"count": 1, "x-a": "text", "x-b": "text"})") == Texts{});
  CHECK(violations(schema, R"({"x-a": "text", "count": 1})") == Texts{});
  CHECK(violations(schema, R"({"count": 1, "x-a": 1})") ==
        Texts{"/x-a: expected string, found integer"});
  CHECK(violations(schema, R"({"x-a": "text", "y": 1})") == Texts{"/y: unknown member \"y\""});
  constexpr std::string_view open = R"({
    "patternProperties": {"^x-": {"type": "string"}},
    "additionalProperties": {"type": "integer"}})";
  CHECK(violations(open, R"({"x-a": "text", "y": 1})") == Texts{});
  CHECK(violations(open, R"({"x-a": 1})") == Texts{"/x-a: expected string, found integer"});
  CHECK(violations(open, R"({"y": "text"})") == Texts{"/y: expected integer, found string"});
}

TEST_CASE("a member that is only required, or needed by another, is still unknown") {
  CHECK(violations(R"({"required": ["a"], "additionalProperties": false})", R"({"a": 1})") ==
        Texts{"/a: unknown member \"a\""});
  CHECK(violations(R"({"dependencies": {"a": ["b"]}, "additionalProperties": false})",
                   R"({"b": 1})") == Texts{"/b: unknown member \"b\""});
}

TEST_CASE("a NUL character does not hide what follows it from a pattern") {
  const auto schema = JsonSchema::compile(R"({"pattern": "^good$"})");
  REQUIRE(schema);
  const auto found = schema->validate(std::string("good\0bad", 8));
  REQUIRE(found.size() == 1);
  CHECK(found.front().problem == "has a NUL character, which is not allowed here");
  const auto deep =
      JsonSchema::compile("{}")->validate(parse_json(R"({"a": [0, "\u0000"]})").value());
  REQUIRE(deep.size() == 1);
  CHECK(deep.front().pointer == "/a/1");
  CHECK(JsonSchema::compile("{}")->validate(parse_json(R"({"a\u0000": 1})").value()).size() == 1);
}

TEST_CASE("what is no draft-04 schema is refused, with its place") {
  struct Row {
    std::string_view schema;
    std::string_view problem;
  };
  static constexpr std::array rows{
      Row{"{\"type\": }", "JSON schema: no JSON value at byte 9"},
      Row{R"({"type": "null", "type": "null"})", "JSON schema: a doubled member name"},
      Row{"[]", "JSON schema, at its top: a schema must be an object"},
      Row{"true", "JSON schema, at its top: a schema must be an object"},
      Row{R"({"$schema": "http://json-schema.org/draft-07/schema#"})",
          "at \"/$schema\": not draft-04"},
      Row{R"({"$schema": 4})", "at \"/$schema\": not draft-04"},
      Row{R"({"properties": {"a": {"$ref": "https://example.org/x"}}})",
          "at \"/properties/a/$ref\": only references within this schema"},
      Row{R"({"$ref": "other.json#/a"})", "only references within this schema"},
      Row{R"({"$ref": "#name"})", "only references within this schema"},
      Row{R"({"$ref": ""})", "only references within this schema"},
      Row{R"({"$ref": 1})", "at \"/$ref\": must be a string"},
      Row{R"({"$ref": "#/definitions/a"})", "at \"/$ref\": leads to no schema"},
      Row{R"({"$ref": "#/properties", "properties": {}})", "leads to no schema"},
      Row{R"({"properties": {"a": {"$ref": "#/items/1"}}, "items": [{}]})", "leads to no schema"},
      Row{R"({"properties": {"a": {"$ref": "#/items/00"}}, "items": [{}]})", "leads to no schema"},
      Row{R"({"$ref": "#/definitions/a b", "definitions": {"a b": {}}})", "only letters, digits"},
      Row{R"({"$ref": "#/definitions/a%20b", "definitions": {"a b": {}}})", "only letters, digits"},
      Row{R"({"$ref": "#"})", "leads to itself"},
      Row{R"({"definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}})",
          "leads to itself"},
      Row{R"({"anyOf": [{"type": "null"}, {"$ref": "#"}]})", "leads to itself"},
      Row{R"({"not": {"allOf": [{"$ref": "#"}]}})", "leads to itself"},
      Row{R"({"dependencies": {"a": {"$ref": "#"}}})", "leads to itself"},
      Row{R"({"type": "text"})", "at \"/type\": must be a type"},
      Row{R"({"type": []})", "at \"/type\": must be a type"},
      Row{R"({"type": ["null", "null"]})", "at \"/type\": must be a type"},
      Row{R"({"enum": []})", "at \"/enum\": must be a list of different values"},
      Row{R"({"enum": [1, 1]})", "must be a list of different values"},
      Row{R"({"enum": [{"patternProperties": 5}]})", "named like a keyword"},
      Row{R"({"enum": [{"a": [{"$ref": "#/enum/0"}]}]})", "named like a keyword"},
      Row{R"({"properties": []})", "at \"/properties\": must be an object of schemas"},
      Row{R"({"properties": {"a": true}})", "at \"/properties/a\": a schema must be an object"},
      Row{R"({"properties": {"dependencies": {"enum": [1, 2]}}})", "is not supported here"},
      Row{R"({"patternProperties": 5})", "must be an object of schemas"},
      Row{R"({"patternProperties": {"\\d": {}}})",
          "the pattern cannot be used: an escape other than"},
      Row{R"({"additionalProperties": 1})", "at \"/additionalProperties\": a schema must be"},
      Row{R"({"required": []})", "at \"/required\": must be a list of different names"},
      Row{R"({"required": true})", "must be a list of different names"},
      Row{R"({"required": ["a", "a"]})", "must be a list of different names"},
      Row{R"({"dependencies": {"a": [1]}})", "at \"/dependencies/a\": must be a schema or a list"},
      Row{R"({"dependencies": []})", "at \"/dependencies\": must be an object"},
      Row{R"({"minLength": -1})", "at \"/minLength\": must be an integer from 0"},
      Row{R"({"maxItems": 4294967295})", "must be an integer from 0 to 4294967294"},
      Row{R"({"minimum": "1"})", "at \"/minimum\": must be a number"},
      Row{R"({"exclusiveMinimum": 1})", "at \"/exclusiveMinimum\": must be true or false"},
      Row{R"({"multipleOf": 0})", "at \"/multipleOf\": must be a number above 0"},
      Row{R"({"uniqueItems": 1})", "must be true or false"},
      Row{R"({"pattern": 1})", "at \"/pattern\": must be a string"},
      Row{R"x({"pattern": "(?:a)"})x", "the pattern cannot be used"},
      Row{R"({"items": []})", "at \"/items\": must be a list of schemas"},
      Row{R"({"items": [1]})", "at \"/items/0\": a schema must be an object"},
      Row{R"({"allOf": {}})", "at \"/allOf\": must be a list of schemas"},
      Row{R"({"not": []})", "at \"/not\": a schema must be an object"},
      Row{R"({"title": 1})", "at \"/title\": must be a string"},
      Row{R"({"const": 1})", "at \"/const\": a keyword of a later draft"},
      Row{R"({"items": {"if": {}}})", "at \"/items/if\": a keyword of a later draft"},
  };
  for (const auto& [schema, problem] : rows) {
    CAPTURE(schema);
    const std::string found = refusal(schema);
    CAPTURE(found);
    CHECK(found.find(problem) != std::string::npos);
  }
  const std::string long_pattern = R"({"pattern": ")" + std::string(257, 'a') + "\"}";
  CHECK(refusal(long_pattern).ends_with("it is longer than 256 bytes"));
  CHECK(refusal(std::string((1 << 20) + 1, ' ')) == "JSON schema: longer than 1 MiB");
}

TEST_CASE("properties may be named like keywords") {
  constexpr std::string_view schema = R"({
    "additionalProperties": false,
    "properties": {
      "$ref": {"type": "string"}, "type": {"type": "string"}, "pattern": {"type": "string"},
      "not": {"type": "integer"}, "required": {"type": "boolean"}, "enum": {"type": "array"},
      "patternProperties": {"type": "object", "properties": {"a": {}}}, "const": {"type": "null"},
      "dependencies": {"type": "object", "required": ["a"]}, "items": {"type": "array"}}})";
  CHECK(violations(schema, R"({"$ref": "a", "type": "b", "not": 1, "required": true, "enum": [],
                               "patternProperties": {"x": 5}, "const": null, "items": [1],
                               "dependencies": {"a": 1}})") == Texts{});
  CHECK(violations(schema, R"({"$ref": 1, "const": 1})") ==
        Texts{"/$ref: expected string, found integer", "/const: expected null, found integer"});
}

TEST_CASE("unknown keywords, and those without rules, are allowed") {
  CHECK(refusal(R"({"x-note": {"patternProperties": 5}, "default": {"$ref": 1}, "format": "uri",
                    "description": "d", "id": "http://example.org/s"})") == "accepted");
}

TEST_CASE("names and values from outside are printed safely") {
  CHECK(violations(R"({"additionalProperties": false})", R"({"a\u001b[31m": 1})").front() ==
        "/a\x1b[31m: unknown member \"a\\u001b[31m\"");
}

TEST_CASE("the list of violations has an end") {
  std::string document = "[0";
  for (int i = 0; i < 1000; ++i)
    document += ",0";
  CHECK(violations(R"({"items": {"type": "null"}})", document + "]").size() == 100);
}

TEST_CASE("one compiled schema may be used by many threads") {
  const auto schema = JsonSchema::compile(R"({"items": {"pattern": "^(ab|cd)+$"}})");
  REQUIRE(schema);
  const JsonValue good = parse_json(R"(["abcdab", "cd"])").value();
  const JsonValue bad = parse_json(R"(["abcdab", "cda"])").value();
  std::vector<std::jthread> threads;
  std::array<bool, 4> is_right{};
  for (bool& right : is_right) {
    threads.emplace_back([&] {
      right = true;
      for (int i = 0; i < 200; ++i) {
        right = right && schema->validate(good).empty() && schema->validate(bad).size() == 1;
      }
    });
  }
  threads.clear();
  for (const bool right : is_right)
    CHECK(right);
}

TEST_CASE("a schema can be moved") {
  auto made = JsonSchema::compile(R"({"type": "null"})");
  REQUIRE(made);
  JsonSchema moved = *std::move(made);
  CHECK(moved.validate(1).size() == 1);
  moved = JsonSchema::compile(R"({"type": "integer"})").value();
  CHECK(moved.validate(1).empty());
}
