#include "s3-object-lock/shell_words.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cavra::s3 {
namespace {

using Words = std::vector<std::string>;

// The answers are those of CPython 3.11's shlex.split().
TEST_CASE("words are split as shlex.split() does") {
  struct Row {
    std::string_view text;
    std::optional<Words> words;
  };
  const std::array rows{
      Row{"", Words{}},
      Row{" \t\r\n ", Words{}},
      Row{"profile dev", Words{"profile", "dev"}},
      Row{"  a\tb\nc\rd ", Words{"a", "b", "c", "d"}},
      Row{R"(profile "a b")", Words{"profile", "a b"}},
      Row{R"(profile 'a b')", Words{"profile", "a b"}},
      Row{R"(a"b"'c'd)", Words{"abcd"}},
      Row{R"("" '' x)", Words{"", "", "x"}},
      Row{R"(""x)", Words{"x"}},
      Row{R"(a\ b \"c)", Words{"a b", "\"c"}},
      Row{R"("a\"b\\c\d")", Words{"a\"b\\c\\d"}},
      Row{R"('a\b')", Words{"a\\b"}},
      Row{R"('it'"'"'s')", Words{"it's"}},
      Row{"a #b ; c | $d `e` *", Words{"a", "#b", ";", "c", "|", "$d", "`e`", "*"}},
      Row{"a\vb\u00a0c", Words{"a\vb\u00a0c"}},
      Row{"\\\u00e9", Words{"\u00e9"}},
      Row{"\"a", std::nullopt},
      Row{"it's", std::nullopt},
      Row{"a\\", std::nullopt},
      Row{"\"a\\", std::nullopt},
      Row{"\"a\\\"", std::nullopt},
  };
  for (const auto& [text, words] : rows) {
    CAPTURE(text);
    CHECK((split_shell_words(text) == words));
  }
}

}  // namespace
}  // namespace cavra::s3
