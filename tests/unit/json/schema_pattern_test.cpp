#include "json/schema_pattern.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "cavra/json.hpp"

using namespace cavra;

namespace {

bool matches(const std::string& pattern, const std::string& text) {
  const JsonValue schema = JsonValue::object({{"pattern", pattern}});
  const auto compiled = JsonSchema::compile(canonical_json(schema));
  REQUIRE(compiled);
  return compiled->validate(text).empty();
}

}  // namespace

TEST_CASE("patterns that are judged right are taken, and match what they should") {
  struct Row {
    std::string pattern;
    std::vector<std::string> fits;
    std::vector<std::string> not_fits;
  };
  const std::vector<Row> rows{
      {"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", {"abc", "my.bucket-1"}, {"ab-", "Abc", "a", ""}},
      {"^(COMPLIANCE|GOVERNANCE)$", {"COMPLIANCE"}, {"compliance", "COMPLIANCEx"}},
      {"foo|bar", {"a foo", "bar", "xbary"}, {"fo", ""}},
      {"^a*$", {"", "aaa"}, {"b", "aab"}},
      {"^(ab?c)+$", {"ac", "abcac"}, {"", "abbc"}},
      {"^a{2}$", {"aa"}, {"a", "aaa"}},
      {"^a{2,}$", {"aa", "aaaa"}, {"a"}},
      {"^a{2,3}$", {"aa", "aaa"}, {"a", "aaaa"}},
      {"^(ab){0,2}c$", {"c", "abc", "ababc"}, {"abababc", "ab"}},
      {"^x[^/]+$", {"xy", "xé€"}, {"x", "x/"}},
      {"^\\[\\^\\]\\.\\\\$", {"[^].\\"}, {"x"}},
      {"^[\\]x-]+$", {"]x-"}, {"y"}},
      {"^.{2}$", {"é€", "ab"}, {"a", "abc"}},
      {"^é+$", {"éé"}, {"e"}},
      {"a$", {"ba", "a"}, {"ab"}},
      {"\\$", {"1$"}, {"1"}},
      {"^\\t\\n\\r\\f\\v$", {"\t\n\r\f\v"}, {"tnrfv"}},
      {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", {"2026-05-21"}, {"2026-5-21"}},
  };
  for (const auto& [pattern, fits, not_fits] : rows) {
    CAPTURE(pattern);
    CHECK(pattern_problem(pattern) == std::nullopt);
    for (const std::string& text : fits) {
      CAPTURE(text);
      CHECK(matches(pattern, text));
    }
    for (const std::string& text : not_fits) {
      CAPTURE(text);
      CHECK(!matches(pattern, text));
    }
  }
}

TEST_CASE("patterns that RapidJSON misjudges or chokes on are refused, with the reason") {
  struct Row {
    std::string pattern;
    std::string_view problem;
  };
  using namespace std::string_literals;
  const std::vector<Row> rows{
      {std::string(257, 'a'), "longer than 256 bytes"},
      {"a\0b"s, "NUL"},
      {"", "an empty group or alternative"},
      {"^$", "an empty group or alternative"},
      {"a*", "may match nothing"},
      {"^a*", "may match nothing"},
      {"a?$", "may match nothing"},
      {"^a|b$", "put the alternatives into a group"},
      {"^a|b", "put the alternatives into a group"},
      {"a^", "^ or $ elsewhere"},
      {"a$b", "^ or $ elsewhere"},
      {"(^a)", "^ or $ elsewhere"},
      {"^(a*)*$", "a repetition of what may be empty"},
      {"^(a?){3}$", "a repetition of what may be empty"},
      {"^(a?|b)$", "an alternative that may be empty"},
      {"^(a|)$", "an empty group or alternative"},
      {"()", "an empty group or alternative"},
      {"(?:a)", "only plain groups"},
      {"(?=a)", "only plain groups"},
      {"(a", "an unclosed ("},
      {"a)", "an unopened )"},
      {"[a", "an unclosed ["},
      {"[]", "an empty []"},
      {"[^]", "an empty []"},
      {"[z-a]", "a range that runs backwards"},
      {"*a", "a repetition of nothing"},
      {"a**", "a repetition of nothing, or of a repetition"},
      {"a*?", "a repetition of nothing, or of a repetition"},
      {"a{", "{n}"},
      {"a{x}", "{n}"},
      {"a{1", "{n}"},
      {"a{,3}", "{n}"},
      {"a{0}", "{0}"},
      {"a{00}", "{0}"},
      {"a{0,0}", "{0}"},
      {"a{3,2}", "m below n"},
      {"a{1001}", "up to 1000"},
      {"a{99999999999999999999}", "up to 1000"},
      {"(a{50}){50}", "more than 1000 states"},
      {"a]", "a bare ] or }"},
      {"a}", "a bare ] or }"},
      {"\\d+", "an escape other than"},
      {"\\w", "an escape other than"},
      {"[\\d]", "an escape other than"},
      {"a\\", "an escape other than"},
      {std::string(40, '(') + "a" + std::string(40, ')'), "more than 32 groups"},
  };
  for (const auto& [pattern, problem] : rows) {
    CAPTURE(pattern);
    const auto found = pattern_problem(pattern);
    REQUIRE(found);
    CAPTURE(*found);
    CHECK(found->find(problem) != std::string::npos);
  }
}
