#include "object_key.hpp"

#include <doctest/doctest.h>

#include <array>
#include <utility>

using namespace cavra;
using namespace cavra::local_worm;

TEST_CASE("a key is cut into the folders and the name of its path") {
  const auto key = ObjectKey::parse("s-1/bundle/.a/b c.json");
  REQUIRE(key);
  CHECK(key->text() == "s-1/bundle/.a/b c.json");
  CHECK(key->folders() == std::vector<std::string>{"s-1", "bundle", ".a"});
  CHECK(key->name() == "b c.json");
  CHECK(ObjectKey::parse("one")->folders().empty());
  CHECK(ObjectKey::parse(std::string(255, 'x') + "/" + std::string(255, 'y')));
}

TEST_CASE("keys that no path can hold are refused with the fault") {
  static const std::array<std::pair<std::string, std::string_view>, 12> rows{{
      {"", "an empty part"},
      {"/", "an empty part"},
      {"a/", "an empty part"},
      {"a//b", "an empty part"},
      {"../a", "\"..\""},
      {"a/.", "\".\""},
      {".cavra-store/x", "a dot"},
      {std::string(256, 'x'), "255 bytes"},
      {std::string(1025, '/'), "1024 bytes"},
      {"a\tb", "control"},
      {"a\x7f", "control"},
      {"\xc0\xaf", "UTF-8"},
  }};
  for (const auto& [text, fault] : rows) {
    CAPTURE(text);
    const auto key = ObjectKey::parse(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == ErrorCode::refused);
    CHECK(key.error().message.find(fault) != std::string::npos);
  }
}

TEST_CASE("a prefix of a folder ends in a slash") {
  CHECK(*parse_folder_prefix("a/b/") == std::vector<std::string>{"a", "b"});
  for (const char* const text : {"", "/", "a", "a//", "../", ".x/"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_folder_prefix(text));
  }
}

TEST_CASE("fold_case makes names alike that differ in case only") {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> alike{{
      {"README", "readme"},
      {"\xc3\x84", "\xc3\xa4"},                  // A-umlaut
      {"\xce\xa3", "\xcf\x82"},                  // capital sigma, final sigma
      {"\xd0\x96", "\xd0\xb6"},                  // Cyrillic zhe
      {"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"},  // Deseret, four bytes
      {"\xef\xbc\xa1", "\xef\xbd\x81"},          // full-width A, three bytes
  }};
  for (const auto& [one, other] : alike) {
    CAPTURE(one);
    CHECK(fold_case(one) == fold_case(other));
  }
  for (const auto& [one, other] : {std::pair{"a", "b"}, std::pair{"a", "\xc3\xa4"}}) {
    CHECK(fold_case(one) != fold_case(other));
  }
  CHECK(fold_case("\xe6\x97\xa5\xe6\x9c\xac") == "\xe6\x97\xa5\xe6\x9c\xac");
}
