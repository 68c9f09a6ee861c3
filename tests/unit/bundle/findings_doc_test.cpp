// docs/findings.md and the code have the same codes, and each code of verification has a test.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace cavra {
namespace {

using Codes = std::set<std::string>;

// All that `pattern`'s first group finds in a file, or in the sources below a folder.
Codes codes_in(const std::filesystem::path& where, const std::string& pattern) {
  Codes codes;
  const auto scan = [&](const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const std::regex code(pattern);
    for (std::sregex_iterator found(text.begin(), text.end(), code), end; found != end; ++found)
      codes.insert((*found)[1]);
  };
  const std::filesystem::path path = std::filesystem::path(CAVRA_SOURCE_DIR) / where;
  if (!std::filesystem::is_directory(path)) scan(path);
  if (std::filesystem::is_directory(path)) {
    for (const auto& each : std::filesystem::recursive_directory_iterator(path)) {
      const std::string extension = each.path().extension();
      if (extension == ".cpp" || extension == ".hpp") scan(each.path());
    }
  }
  // File names have the same form.
  std::erase_if(codes, [](const std::string& code) { return code.ends_with(".json"); });
  return codes;
}

const std::string kVerification =
    "(?:manifest|member|evidence|retention|bundle|signature|trust)\\.[a-z_0-9]+";
const std::string kAll = "(?:" + kVerification + "|(?:receipt|store)\\.[a-z_]+)";

std::string joined_difference(const Codes& a, const Codes& b) {
  std::string text;
  for (const std::string& code : a) {
    if (!b.contains(code)) text += code + ' ';
  }
  return text;
}

TEST_CASE("docs/findings.md has every code of the sources, and no other") {
  const Codes documented = codes_in("docs/findings.md", "\n\\| `(" + kAll + ")`");
  Codes used;
  for (const char* folder : {"core/src", "core/include"})
    used.merge(codes_in(folder, "\"(" + kAll + ")\""));
  CHECK(documented.size() > 60);
  CHECK(joined_difference(used, documented).empty());
  CHECK(joined_difference(documented, used).empty());
}

TEST_CASE("each code that verification can find is in a test") {
  Codes tested;
  for (const char* folder : {"tests/unit/bundle", "tests/unit/trust"})
    tested.merge(codes_in(folder, "[\"' ](" + kVerification + ")[\"; ]"));
  const Codes documented = codes_in("docs/findings.md", "\n\\| `(" + kVerification + ")`");
  CHECK(joined_difference(documented, tested).empty());
}

}  // namespace
}  // namespace cavra
