#include "bundle/member_path.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>

#include "vectors.hpp"

namespace cavra {
namespace {

using namespace cavra::testing;

TEST_CASE("a member path is relative, plain, and in UTF-8") {
  struct Row {
    std::string path;
    bool is_taken;
  };
  const std::string part(255, 'x');
  std::string longest;
  for (int i = 0; i < 4; ++i)
    longest += std::string(i == 0 ? 255 : 254, 'x') + '/';
  longest += "abc";  // 256 + 3 × 255 + 3
  REQUIRE(longest.size() == 1024);
  const std::vector<Row> rows{
      {"a", true},
      {"a/b/c.json", true},
      {"manifest.json", true},
      {".hidden", true},
      {"a..b", true},
      {"...", true},
      {"caf\u00e9", true},
      {"cafe\u0301", true},
      {"a b", true},
      {"C:", true},
      {"%2e%2e", true},
      {part, true},
      {part + "x", false},
      {longest, true},
      {longest + "x", false},
      {"", false},
      {"/", false},
      {"/a", false},
      {"a/", false},
      {"a//b", false},
      {".", false},
      {"..", false},
      {"./a", false},
      {"a/./b", false},
      {"a/..", false},
      {"../a", false},
      {"a\\b", false},
      {"a\nb", false},
      {std::string("a\0b", 3), false},
      {"a\x7f", false},
      {"a\u0085", false},
      {"\u00a0", true},
      {"\xC3", false},
      {"\xED\xA0\x80", false},
      {"\xC0\xAF", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(why_no_member_path(row.path).empty() == row.is_taken);
  }
}

// Decided here: what only Windows, a decoder that is not there or a reader's eye trips over, is a
// name like others; the two bounds and C1 controls are refused.
bool takes_either(const std::string& id) {
  static const std::map<std::string, bool> refused{
      {"path-absolute-018", true},  // "http://x/y" has an empty part
      {"path-control-014", true},  {"path-length-001", true},
      {"path-length-004", true},   {"path-length-005", true},
  };
  return !refused.contains(id);
}

TEST_CASE("paths agree with the public cases") {
  run_vectors("paths/paths.jsonl", [](const JsonValue& row) {
    const bool is_taken = why_no_member_path(as_text(base64_of(row, "path_b64"))).empty();
    const std::string verdict = text_of(row, "verdict");
    if (verdict == "either") return outcome(is_taken == takes_either(text_of(row, "id")));
    return outcome(is_taken == (verdict == "accept"));
  });
}

TEST_CASE("twins agree with the public cases") {
  run_vectors("paths/twins.jsonl", [](const JsonValue& row) {
    const std::string first = text_of(row, "first");
    const std::string second = text_of(row, "second");
    const std::array<std::string_view, 2> paths{first, second};
    const bool is_taken = find_path_twins(paths).empty();
    // Decided here: case, compatibility (NFKC) and Windows' rules make no twins.
    return outcome(is_taken == (text_of(row, "verdict") != "refuse"));
  });
}

TEST_CASE("twins are found among many, by their indices") {
  const std::vector<std::string_view> paths{"a-b", "b/c", "a/x/y", "a.b", "b/c", "a", "z", "a/x"};
  const std::vector<PathTwins> twins = find_path_twins(paths);
  REQUIRE(twins.size() == 3);
  CHECK(twins[0].first == 5);  // "a" and "a/x"
  CHECK(twins[0].second == 7);
  CHECK(twins[1].first == 2);  // "a/x/y" and "a/x"
  CHECK(twins[1].second == 7);
  CHECK(twins[2].first == 1);  // "b/c" twice
  CHECK(twins[2].second == 4);
  CHECK(find_path_twins({}).empty());
}

}  // namespace
}  // namespace cavra
