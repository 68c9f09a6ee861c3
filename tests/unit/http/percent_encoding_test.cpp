#include "http/percent_encoding.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cavra::http {
namespace {

using namespace std::string_view_literals;

TEST_CASE("what is unreserved stays, all other bytes are encoded in capitals") {
  struct Row {
    std::string_view text, component, path;
  };
  for (const auto& [text, component, path] : {
           Row{"", "", ""},
           Row{"AZaz09-_.~", "AZaz09-_.~", "AZaz09-_.~"},
           Row{"a b", "a%20b", "a%20b"},
           Row{"a+b", "a%2Bb", "a%2Bb"},
           Row{"a/b", "a%2Fb", "a/b"},
           Row{"/a//b/./../c/", "%2Fa%2F%2Fb%2F.%2F..%2Fc%2F", "/a//b/./../c/"},
           Row{"100%", "100%25", "100%25"},
           Row{"%2F", "%252F", "%252F"},
           Row{"!*'();:@&=$,?#[]", "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D",
               "%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D"},
           Row{"\"<>\\^`{|}", "%22%3C%3E%5C%5E%60%7B%7C%7D", "%22%3C%3E%5C%5E%60%7B%7C%7D"},
           Row{"é😀", "%C3%A9%F0%9F%98%80", "%C3%A9%F0%9F%98%80"},
           Row{"\0\n\x7f\xff"sv, "%00%0A%7F%FF", "%00%0A%7F%FF"},
       }) {
    CAPTURE(text);
    CHECK(encode_component(text) == component);
    CHECK(encode_path(text) == path);
    CHECK(decode_component(component) == text);
    CHECK(decode_component(path) == text);
  }
}

TEST_CASE("every byte comes back, from digits of either case") {
  for (int byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const std::string text(1, static_cast<char>(byte));
    CHECK(decode_component(encode_component(text)) == text);
  }
  CHECK(decode_component("%c3%A9%C3%a9") == "éé");
}

TEST_CASE("decoding leaves a plus alone, and bytes that need not be encoded") {
  CHECK(decode_component("a+b") == "a+b");
  CHECK(decode_component("é /") == "é /");
}

TEST_CASE("decoding refuses a percent sign without two digits") {
  for (const std::string_view text : {"%", "%4", "a%", "a%4", "%%41", "%4g", "%g4", "%-1", "%+1",
                                      "% 1", "%0x", "%u0041", "%41%"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_component(text));
  }
}

}  // namespace
}  // namespace cavra::http
