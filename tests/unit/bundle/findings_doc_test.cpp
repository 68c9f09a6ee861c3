// docs/findings.md and the code have the same codes, and each code of verification has a test.
#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace cavra {
namespace {

using Codes = std::set<std::string>;
using Kinds = std::span<const std::string_view>;

constexpr std::array<std::string_view, 10> kKinds{"manifest", "member",    "evidence", "retention",
                                                  "bundle",   "signature", "trust",    "receipt",
                                                  "store",    "probe"};
constexpr Kinds kAll(kKinds);
constexpr Kinds kVerification = kAll.first(7);

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The codes of these kinds that stand in `text` behind `before`.
Codes codes_in(std::string_view text, Kinds kinds, std::string_view before) {
  Codes codes;
  for (const std::string_view kind : kinds) {
    const std::string begin = std::string(before) + std::string(kind) + '.';
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string_view::npos;) {
      const std::size_t start = at + before.size();
      at += begin.size();
      while (at < text.size() && is_word(text[at]))
        ++at;
      const std::string code(text.substr(start, at - start));
      // File names have the same form.
      if (!code.ends_with(".json") && !code.ends_with('.')) codes.insert(code);
    }
  }
  return codes;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The sources below a folder, one behind the other.
std::string sources_below(const char* folder) {
  std::string text;
  const std::filesystem::path root = std::filesystem::path(CAVRA_SOURCE_DIR) / folder;
  for (const auto& each : std::filesystem::recursive_directory_iterator(root)) {
    const std::string extension = each.path().extension();
    if (extension == ".cpp" || extension == ".hpp") text += text_of(each.path());
  }
  return text;
}

Codes documented(Kinds kinds) {
  const std::string doc = text_of(std::filesystem::path(CAVRA_SOURCE_DIR) / "docs/findings.md");
  return codes_in(doc, kinds, "\n| `");
}

std::string joined_difference(const Codes& a, const Codes& b) {
  std::string text;
  for (const std::string& code : a) {
    if (!b.contains(code)) text += code + ' ';
  }
  return text;
}

TEST_CASE("docs/findings.md has every code of the sources, and no other") {
  const Codes used =
      codes_in(sources_below("core/src") + sources_below("core/include"), kAll, "\"");
  CHECK(documented(kAll).size() > 60);
  CHECK(joined_difference(used, documented(kAll)) == "");
  CHECK(joined_difference(documented(kAll), used) == "");
}

TEST_CASE("each code that verification can find is in a test") {
  const std::string tests = sources_below("tests/unit/bundle") + sources_below("tests/unit/trust");
  Codes tested;
  for (const char* before : {"\"", "; "})
    tested.merge(codes_in(tests, kVerification, before));
  CHECK(joined_difference(documented(kVerification), tested) == "");
}

}  // namespace
}  // namespace cavra
