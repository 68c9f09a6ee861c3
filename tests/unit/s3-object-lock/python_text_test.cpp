#include "s3-object-lock/python_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace cavra::s3 {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::string_view text, std::string_view (*take)(std::string_view&)) {
  Lines lines;
  while (!text.empty())
    lines.emplace_back(take(text));
  return lines;
}

TEST_CASE("the lines of a file end at LF, CRLF and CR") {
  CHECK(lines_of("a\nb\r\nc\rd", take_line) == Lines{"a", "b", "c", "d"});
  CHECK(lines_of("\n\r\n\r", take_line) == Lines{"", "", ""});
  CHECK(lines_of("a\vb\u2028c\n", take_line) == Lines{"a\vb\u2028c"});
}

TEST_CASE("str.splitlines() ends them at more") {
  CHECK(lines_of("a\vb\fc\x1c"
                 "d\x1d"
                 "e\x1e"
                 "f\u0085g\u2028h\u2029i",
                 take_split_line) == Lines{"a", "b", "c", "d", "e", "f", "g", "h", "i"});
  CHECK(lines_of("a\x1f"
                 "b\u00a0c\r\nd\n\n",
                 take_split_line) == Lines{"a\x1f"
                                           "b\u00a0c",
                                           "d", ""});
}

TEST_CASE("spaces are those of str.strip()") {
  CHECK(trim(" \t\n\v\f\r\x1c\x1d\x1e\x1f\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f"
             "\u3000a b\u3000\u00a0 ") == "a b");
  // Not spaces: zero-width ones, a byte order mark, letters that end in the same byte.
  for (const char* const text : {"\u200ba\u200b", "\ufeffa", "a\u4e80", "\u00e0", "\u20a0"})
    CHECK(trim(text) == text);
  CHECK(trim(" \u3000 ").empty());
  CHECK(trim("").empty());
}

TEST_CASE("an indent counts characters") {
  CHECK(indent_of("a ") == 0);
  CHECK(indent_of(" \ta") == 2);
  CHECK(indent_of("\u3000 a") == 2);
  CHECK(indent_of("") == 0);
}

TEST_CASE("lower case is ASCII's") {
  CHECK(to_lower("AWS_Key-Z\u00c9") == "aws_key-z\u00c9");
}

}  // namespace
}  // namespace cavra::s3
