#include <doctest/doctest.h>

#include <string>

#include "cavra/json.hpp"

using namespace cavra;

namespace {

std::string problem_of(std::string_view text) {
  const auto value = parse_json(text);
  if (value) return "accepted";
  CHECK(value.error().code == ErrorCode::corrupt);
  return value.error().message;
}

std::string nested(std::size_t levels, std::string_view open, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i)
    text += open;
  text += "0";
  for (std::size_t i = 0; i < levels; ++i)
    text += close;
  return text;
}

}  // namespace

TEST_CASE("a document is read with its members in order") {
  const auto value = parse_json(" {\"b\": [1, -2.5, \"\\u00e9\\ud83d\\ude00\"], \"a\": null}\r\n");
  REQUIRE(value);
  CHECK(compact_json(*value) == "{\"b\":[1,-2.5,\"é😀\"],\"a\":null}");
}

TEST_CASE("an error says what is wrong, and where") {
  struct Row {
    std::string_view text;
    std::string_view problem;
  };
  using namespace std::string_view_literals;
  const std::vector<Row> rows{
      {"", "there is no value at byte 0 (line 1, column 1), where the text ends"},
      {" \n ", "there is no value at byte 3 (line 2, column 2), where the text ends"},
      {"{} {}", "something stands behind the document's end at byte 3 (line 1, column 4)"},
      {"[1,\n  2,\n  x]", "no JSON value at byte 11 (line 3, column 3)"},
      {"[1,]", "no JSON value at byte 3 (line 1, column 4)"},
      {"[1 2]", "no comma or ] behind an element at byte 3 (line 1, column 4)"},
      {"[1", "no comma or ] behind an element at byte 2 (line 1, column 3), where the text ends"},
      {"{a:1}", "no member name in double quotes at byte 1 (line 1, column 2)"},
      {"{\"a\" 1}", "no colon behind a member name at byte 5 (line 1, column 6)"},
      {"{\"a\":1 \"b\":2}", "no comma or } behind a member at byte 7 (line 1, column 8)"},
      {"\"a",
       "a string without its closing quote at byte 2 (line 1, column 3), where the text ends"},
      {"\"a\nb\"", "an unknown escape or a raw control character at byte 2 (line 1, column 3)"},
      {"\"\\x41\"", "an unknown escape or a raw control character at byte 1 (line 1, column 2)"},
      {"\"\\u12g4\"", "a \\u without four hex digits at byte 1 (line 1, column 2)"},
      {"\"\\ud800\"", "half of a surrogate pair at byte 1 (line 1, column 2)"},
      {"\"\\udc00\"",
       "half of a surrogate pair, which has no UTF-8, in the string that ends at "
       "byte 7 (line 1, column 8)"},
      {"{\"\\udfff\":1}",
       "half of a surrogate pair, which has no UTF-8, in the string that ends "
       "at byte 8 (line 1, column 9)"},
      {"\"\xff\"", "bytes that are not UTF-8 at byte 1 (line 1, column 2)"},
      {"1.",
       "no digit behind the point of a number at byte 2 (line 1, column 3), where the text "
       "ends"},
      {"1e+",
       "no digit in the exponent of a number at byte 3 (line 1, column 4), where the text "
       "ends"},
      {"[1e400]", "a number is too large for a double at byte 1 (line 1, column 2)"},
      {"[NaN]", "no JSON value at byte 1 (line 1, column 2)"},
      {"\xEF\xBB\xBF{}",
       "a byte order mark, which JSON must not have, at byte 0 (line 1, column 1)"},
      {"{}\0"sv, "a NUL byte at byte 2 (line 1, column 3)"},
      {"{}\0 x"sv, "a NUL byte at byte 2 (line 1, column 3)"},
      {"x\0"sv, "no JSON value at byte 0 (line 1, column 1)"},
      {"{\"a\":1,\n\"\\u0061\":2}",
       "a doubled member name, which ends at byte 15 (line 2, column 8)"},
  };
  for (const auto& [text, problem] : rows) {
    CAPTURE(text);
    CHECK(problem_of(text) == problem);
  }
}

TEST_CASE("an error never shows what the document says") {
  CHECK(problem_of("{\"secret\": s3cr3t}").find("s3cr3t") == std::string::npos);
  CHECK(problem_of("{\"secret\":1,\"secret\":2}").find("secret") == std::string::npos);
}

TEST_CASE("256 levels are read, 257 are refused") {
  CHECK(parse_json(nested(256, "[", "]")));
  CHECK(parse_json(nested(256, "{\"a\":", "}")));
  CHECK(problem_of(nested(257, "[", "]")) ==
        "more than 256 levels of objects and arrays at byte 256 (line 1, column 257)");
  CHECK(problem_of(nested(257, "{\"a\":", "}")).starts_with("more than 256 levels"));
  CHECK(problem_of(std::string(10'000'000, '[')).starts_with("more than 256 levels"));
}

TEST_CASE("a doubled name is found at any depth, in small and in large objects") {
  CHECK(problem_of(R"([{"x":{"a":1,"b":2,"a":3}}])").starts_with("a doubled member name"));
  CHECK(parse_json(R"([{"a":1},{"a":1},{"b":{"a":1},"a":2}])"));
  std::string many = "{";
  for (int i = 0; i < 1000; ++i)
    many += "\"k" + std::to_string(i) + "\":1,";
  CHECK(parse_json(many + "\"k1000\":1}"));
  CHECK(problem_of(many + "\"k17\":1}")
            .starts_with("a doubled member name, which ends at byte " +
                         std::to_string(many.size() + 4)));
}

TEST_CASE("names that differ are two names, however alike they look") {
  CHECK(parse_json("{\"\\u00e9\":1,\"e\\u0301\":2}"));
  CHECK(parse_json("{\"a\":1,\"A\":2,\"a\\u0000\":3,\"\":4}"));
}
