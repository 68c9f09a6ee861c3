#include <doctest/doctest.h>

#include <stdexcept>

#include "cavra/json.hpp"

using namespace cavra;

TEST_CASE("a value knows its type, and gives it only as that") {
  struct Row {
    JsonValue value;
    std::string_view type;
  };
  const std::vector<Row> rows{
      {nullptr, "null"},
      {JsonValue(), "null"},
      {true, "boolean"},
      {1, "integer"},
      {std::int64_t{-5}, "integer"},
      {std::uint64_t{7}, "integer"},
      {BigInteger{"123456789012345678901"}, "integer"},
      {1.5, "number"},
      {"text", "string"},
      {std::string("text"), "string"},
      {std::string_view("text"), "string"},
      {JsonValue::array(), "array"},
      {JsonValue::object(), "object"},
  };
  for (const auto& [value, type] : rows) {
    CAPTURE(type);
    CHECK(value.type_name() == type);
    CHECK(value.is_null() == (type == "null"));
    CHECK((value.if_bool() != nullptr) == (type == "boolean"));
    CHECK((value.if_integer() != nullptr || value.if_big_integer() != nullptr) ==
          (type == "integer"));
    CHECK((value.if_double() != nullptr) == (type == "number"));
    CHECK(value.is_string() == (type == "string"));
    CHECK((value.if_string() != nullptr) == (type == "string"));
    CHECK(value.is_array() == (type == "array"));
    CHECK((value.if_array() != nullptr) == (type == "array"));
    CHECK(value.is_object() == (type == "object"));
    CHECK((value.if_object() != nullptr) == (type == "object"));
  }
}

TEST_CASE("an unsigned integer beyond 63 bits keeps its digits") {
  CHECK(*JsonValue(std::uint64_t{9223372036854775807U}).if_integer() == 9223372036854775807);
  const JsonValue big(std::uint64_t{18446744073709551615U});
  REQUIRE(big.if_big_integer() != nullptr);
  CHECK(big.if_big_integer()->digits == "18446744073709551615");
}

TEST_CASE("members are found, added and replaced by name") {
  JsonValue object = JsonValue::object({{"a", 1}, {"b", "two"}});
  CHECK(*object.find("b") == JsonValue("two"));
  CHECK(object.find("c") == nullptr);
  CHECK(JsonValue(1).find("a") == nullptr);
  object.set("c", nullptr);
  object.set("a", 2);
  CHECK(compact_json(object) == R"({"a":2,"b":"two","c":null})");
  JsonValue array = JsonValue::array();
  array.push_back(1);
  array.push_back("x");
  CHECK(compact_json(array) == R"([1,"x"])");
  CHECK_THROWS_AS(array.set("a", 1), std::logic_error);
  CHECK_THROWS_AS(object.push_back(1), std::logic_error);
}

TEST_CASE("values are equal by type and value, whatever the order of members") {
  const JsonValue a = parse_json(R"({"x": [1, {"p": 1, "q": null}], "y": "t"})").value();
  CHECK(a == parse_json(R"({"y": "t", "x": [1, {"q": null, "p": 1}]})").value());
  CHECK(JsonValue(BigInteger{"1"}) == JsonValue(BigInteger{"1"}));
  const std::vector<std::string> others{
      R"({"x": [1, {"p": 1, "q": null}], "y": "u"})",
      R"({"x": [1, {"p": 1, "q": false}], "y": "t"})",
      R"({"x": [{"p": 1, "q": null}, 1], "y": "t"})",
      R"({"x": [1, {"p": 1, "q": null}]})",
      R"({"x": [1, {"p": 1, "q": null}], "z": "t"})",
      R"({"x": [1.0, {"p": 1, "q": null}], "y": "t"})",
      R"({"x": [true, {"p": 1, "q": null}], "y": "t"})",
  };
  for (const std::string& other : others) {
    CAPTURE(other);
    CHECK(!(a == parse_json(other).value()));
  }
}

TEST_CASE("a copy is a value of its own") {
  JsonValue a = parse_json(R"({"list": [1, 2]})").value();
  JsonValue b = a;
  b.if_object()->front().value.push_back(3);
  CHECK(compact_json(a) == R"({"list":[1,2]})");
  CHECK(compact_json(b) == R"({"list":[1,2,3]})");
  a = b;
  CHECK(a == b);
}

TEST_CASE("a child's JSON pointer escapes ~ and /") {
  CHECK(child_pointer("", "a") == "/a");
  CHECK(child_pointer("/files", "a/b") == "/files/a~1b");
  CHECK(child_pointer("/files", "m~n") == "/files/m~0n");
  CHECK(child_pointer("/files", "") == "/files/");
  CHECK(child_pointer("/files", 12) == "/files/12");
}
