#include "cavra/support/encoding.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

namespace cavra {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::optional<std::string> text_of(const std::optional<std::vector<std::byte>>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

std::string all_bytes() {
  std::string text;
  for (int byte = 0; byte < 256; ++byte)
    text += static_cast<char>(byte);
  return text;
}

TEST_CASE("as_bytes and as_text are the same memory") {
  const std::string text = "a\0b"s;
  CHECK(as_bytes(text).size() == 3);
  CHECK(as_text(as_bytes(text)) == text);
  CHECK(as_text(as_bytes("")).empty());
}

TEST_CASE("hex is lower case, two digits a byte") {
  CHECK(to_hex({}).empty());
  CHECK(to_hex(as_bytes("\x00\x01\x7f\x80\xab\xff"sv)) == "00017f80abff");
  CHECK(text_of(from_hex(to_hex(as_bytes(all_bytes())))) == all_bytes());
}

TEST_CASE("from_hex takes the one spelling") {
  struct Row {
    std::string_view text;
    std::optional<std::string> bytes;
  };
  for (const auto& [text, bytes] : {
           Row{"", ""},
           Row{"61", "a"},
           Row{"00ff", std::string("\x00\xff", 2)},
           Row{"6", std::nullopt},
           Row{"616", std::nullopt},
           Row{"FF", std::nullopt},
           Row{"fF", std::nullopt},
           Row{"0x61", std::nullopt},
           Row{"6g", std::nullopt},
           Row{"g6", std::nullopt},
           Row{" 61", std::nullopt},
           Row{"61 ", std::nullopt},
           Row{"61\n6", std::nullopt},
           Row{"-1", std::nullopt},
           Row{"6\0"sv, std::nullopt},
           Row{"6\xb1", std::nullopt},
       }) {
    CAPTURE(text);
    CHECK(text_of(from_hex(text)) == bytes);
  }
}

TEST_CASE("base64 is RFC 4648's, both ways") {
  struct Row {
    std::string_view bytes, text;
  };
  for (const auto& [bytes, text] : {
           Row{"", ""},  // RFC 4648, section 10
           Row{"f", "Zg=="},
           Row{"fo", "Zm8="},
           Row{"foo", "Zm9v"},
           Row{"foob", "Zm9vYg=="},
           Row{"fooba", "Zm9vYmE="},
           Row{"foobar", "Zm9vYmFy"},
           Row{"\xfb\xff\xbf", "+/+/"},
           Row{"\0"sv, "AA=="},
           Row{"\0\0\0"sv, "AAAA"},
       }) {
    CAPTURE(text);
    CHECK(to_base64(as_bytes(bytes)) == text);
    CHECK(text_of(from_base64(text)) == std::string(bytes));
  }
  const std::string all = all_bytes();
  for (std::size_t size = 0; size <= all.size(); ++size) {
    CAPTURE(size);
    const std::string bytes = all.substr(all.size() - size);
    CHECK(text_of(from_base64(to_base64(as_bytes(bytes)))) == bytes);
  }
}

TEST_CASE("from_base64 refuses every other spelling") {
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "Z",         // not a group
           "Zg",        // padding missing
           "Zg=",       // half of it
           "Zm8",       //
           "Zg===",     // surplus
           "Zm9v====",  // a group of padding
           "====",      //
           "=",         //
           "Z===",      // six bits are no byte
           "Zh==",      // spare bits
           "Zm9=",      //
           "Zg==Zg==",  // something after the padding
           "Z=g=",      //
           "=Zg=",      //
           "Zm9v\n",    // characters of no digit
           "Zm 9v",     //
           " Zm9",      //
           "Zm9v Zm9",  //
           "-_-_",      // the URL alphabet
           "Zm9*",      //
           "Zm\0v"sv,   //
           "Zm9\xc3",   //
       }) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text).has_value());
  }
}

TEST_CASE("is_utf8 takes what RFC 3629 defines and nothing else") {
  struct Row {
    std::string_view text;
    bool is_well_formed;
  };
  for (const auto& [text, is_well_formed] : {
           Row{"", true},
           Row{"plain\0text\x7f"sv, true},
           Row{"\xc2\x80", true},  // first and last of each length
           Row{"\xdf\xbf", true},
           Row{"\xe0\xa0\x80", true},
           Row{"\xed\x9f\xbf", true},
           Row{"\xee\x80\x80", true},
           Row{"\xef\xbf\xbf", true},
           Row{"\xf0\x90\x80\x80", true},
           Row{"\xf4\x8f\xbf\xbf", true},
           Row{"\xef\xbb\xbf", true},  // a byte order mark is a character here
           Row{"\x80", false},         // continuation alone
           Row{"\xbf"
               "a",
               false},
           Row{"\xc0\x80", false},  // overlong
           Row{"\xc1\xbf", false},
           Row{"\xe0\x9f\xbf", false},
           Row{"\xf0\x8f\xbf\xbf", false},
           Row{"\xed\xa0\x80", false},  // surrogates
           Row{"\xed\xbf\xbf", false},
           Row{"\xf4\x90\x80\x80", false},  // above U+10FFFF
           Row{"\xf5\x80\x80\x80", false},
           Row{"\xf8\x88\x80\x80\x80", false},
           Row{"\xff", false},
           Row{"\xfe", false},
           Row{"\xc3", false},  // cut
           Row{"\xe2\x82", false},
           Row{"\xf0\x9f\x98", false},
           Row{"a\xc3"
               "b",
               false},
           Row{"\xe2\x28\xa1", false},
           Row{"\xe2\x82\x28", false},
           Row{"\xf0\x9f\x98\xc0", false},
       }) {
    CAPTURE(to_hex(as_bytes(text)));
    CHECK(is_utf8(text) == is_well_formed);
  }
}

TEST_CASE("printable shows text as it is, and as escapes what cannot be shown safely") {
  struct Row {
    std::string_view text, shown;
  };
  for (const auto& [text, shown] : {
           Row{"", ""},
           Row{"plain text, é, 語, 😀, ~", "plain text, é, 語, 😀, ~"},
           Row{R"(a "word" and C:\path)", R"(a "word" and C:\path)"},
           Row{"\0\t\n\r\x1b[31m"sv, R"(\u0000\u0009\u000a\u000d\u001b[31m)"},
           Row{"\x1f \x7e\x7f", R"(\u001f ~\u007f)"},
           Row{"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\u0080\\u009b\\u009f\xc2\xa0"},  // C1, NBSP
           Row{"\xc2\xad", R"(\u00ad)"},
           Row{"\xd8\x9c", R"(\u061c)"},
           Row{"\xe1\xa0\x8e", R"(\u180e)"},
           Row{"\xe2\x80\x8a\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d",
               "\xe2\x80\x8a\\u200b\\u200c\\u200d"},
           Row{"\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90", "\\u200e\\u200f\xe2\x80\x90"},
           Row{"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9", "\xe2\x80\xa7\\u2028\\u2029"},
           Row{"\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae\xe2\x80\xaf",
               "\\u202a\\u202b\\u202c\\u202d\\u202e\xe2\x80\xaf"},
           Row{"\xe2\x81\x9f\xe2\x81\xa0\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
               "\xe2\x81\x9f\\u2060\\u2066\\u2067\\u2068\\u2069"},
           Row{"\xe2\x81\xaf\xe2\x81\xb0", "\\u206f\xe2\x81\xb0"},
           Row{"\xef\xbb\xbf", R"(\ufeff)"},
           Row{"\xef\xbf\xb9", R"(\ufff9)"},
           Row{"\xf3\xa0\x80\x81\xf3\xa0\x81\xbf", R"(\U000e0001\U000e007f)"},
           Row{"a\xff\xc3"
               "b\xed\xa0\x80",
               R"(a\xff\xc3b\xed\xa0\x80)"},
           Row{"\xe2\x82", R"(\xe2\x82)"},
       }) {
    CAPTURE(shown);
    CHECK(printable(text) == shown);
    CHECK(is_utf8(printable(text)));
  }
}

TEST_CASE("printable is cut at its limit, between characters and escapes") {
  struct Row {
    std::string_view text;
    std::size_t max_bytes;
    std::string_view shown;
  };
  for (const auto& [text, max_bytes, shown] : {
           Row{"abc", 3, "abc"},
           Row{"abcd", 3, "abc…"},
           Row{"abcd", 0, "…"},
           Row{"", 0, ""},
           Row{"aé", 2, "a…"},
           Row{"aé", 3, "aé"},
           Row{"a\n", 6, "a…"},
           Row{"a\n", 7, R"(a\u000a)"},
           Row{"\xff\xff", 7, R"(\xff…)"},
           Row{"abc", std::numeric_limits<std::size_t>::max(), "abc"},
       }) {
    CAPTURE(shown);
    CHECK(printable(text, max_bytes) == shown);
  }
  CHECK(printable(std::string(400, 'a')) == std::string(400, 'a'));
  CHECK(printable(std::string(401, 'a')) == std::string(400, 'a') + "…");
  CHECK(printable(std::string(1000, '\x01')).size() <= 400 + "…"sv.size());
}

TEST_CASE("quoted escapes quotes and backslashes, so that its end is clear") {
  struct Row {
    std::string_view text, shown;
  };
  for (const auto& [text, shown] : {
           Row{"", R"("")"},
           Row{"plain é", R"("plain é")"},
           Row{R"(a"b\c)", R"("a\"b\\c")"},
           Row{"\\u001b\x1b", R"("\\u001b\u001b")"},
           Row{"\xff", R"("\xff")"},
       }) {
    CAPTURE(shown);
    CHECK(quoted(text) == shown);
  }
  CHECK(quoted("abcd", 3) == R"("abc…")");
  CHECK(quoted(R"(ab")", 3) == R"("ab…")");
}

}  // namespace
}  // namespace cavra
