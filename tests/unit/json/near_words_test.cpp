#include <doctest/doctest.h>

#include "cavra/json.hpp"

using namespace cavra;

TEST_CASE("near words are at most three, nearest first, at most three edits away") {
  struct Row {
    std::string_view word;
    std::vector<std::string> near;
  };
  const std::vector<std::string> known{"bucket", "prefix", "region", "mode", "endpoint", "buckets"};
  const std::vector<Row> rows{
      {"bukcet", {"bucket", "buckets"}},
      {"bucket", {"bucket", "buckets"}},
      {"Region", {"region"}},
      {"modes", {"mode"}},
      {"end-points", {"endpoint"}},
      {"prefixabcd", {}},
      {"m", {}},
      {"", {}},
      {"xyzzy", {}},
  };
  for (const auto& [word, near] : rows) {
    CAPTURE(word);
    CHECK(near_words(word, known) == near);
  }
  const std::vector<std::string> many{"abcd1", "abcd2", "abcd", "abcd3", "abcd4"};
  CHECK(near_words("abcd", many) == std::vector<std::string>{"abcd", "abcd1", "abcd2"});
}

TEST_CASE("near words are as near as is asked") {
  const std::vector<std::string> known{"bucket"};
  CHECK(near_words("end-bucket", known).empty());
  CHECK(near_words("bukkets", known, 2) == known);
  CHECK(near_words("bukkets", known, 1).empty());
}

TEST_CASE("a huge word costs nothing") {
  const std::vector<std::string> known{"bucket"};
  CHECK(near_words(std::string(100'000'000, 'x'), known).empty());
}
