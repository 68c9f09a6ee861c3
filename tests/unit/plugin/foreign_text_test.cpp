#include "plugin/foreign_text.hpp"

#include "cavra/abi_struct.hpp"
#include "cavra/support/time.hpp"
#include "plugin/plugin_test_data.hpp"

using namespace cavra;
using namespace cavra::plugin;

TEST_CASE("checked_text takes UTF-8 that a person can see") {
  for (const char* text : {"", "plain", "Grüße, 東京", "a\"b\\c"}) {
    CAPTURE(text);
    const auto checked = checked_text(abi::str(text), "field");
    REQUIRE(checked);
    CHECK(*checked == text);
  }
}

TEST_CASE("checked_text refuses the rest, and says of which field") {
  struct Row {
    cavra_str text;
    const char* message;
  };
  static constexpr std::array rows{
      Row{{nullptr, 3}, "field has a length and no text"},
      Row{{"abcdef", 6}, "field has 6 bytes, more than 5"},
      Row{{nullptr, SIZE_MAX}, "field has a length and no text"},
      Row{abi::str("\xff"), "field is not UTF-8: \"\\xff\""},
      Row{abi::str("\xed\xa0\x80"), "field is not UTF-8: \"\\xed\\xa0\\x80\""},
      Row{{"a\0b", 3}, "field has characters that cannot be seen: \"a\\u0000b\""},
      Row{abi::str("a\nb"), "field has characters that cannot be seen: \"a\\u000ab\""},
      Row{abi::str("\u202e"), "field has characters that cannot be seen: \"\\u202e\""},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(message);
    const auto checked = checked_text(text, "field", 5);
    REQUIRE_FALSE(checked);
    CHECK((checked.error().code == ErrorCode::internal));
    CHECK(checked.error().message == message);
  }
  CHECK(required_text({nullptr, 0}, "field").error().message == "field is empty");
}

TEST_CASE("array_text does not read beyond the array") {
  const char array[4] = {'a', 'b', 'c', 'd'};
  CHECK(*array_text(array, 4, 4, "field") == "abcd");
  CHECK(*array_text(array, 4, 0, "field") == "");
  CHECK(array_text(array, 4, 5, "field").error().message ==
        "field says that it has 5 bytes, where 4 are");
}

TEST_CASE("flags, modes and dates have few values") {
  CHECK(*checked_flag(0, "flag") == false);
  CHECK(*checked_flag(1, "flag") == true);
  CHECK(checked_flag(2, "flag").error().message == "flag is 2, neither 0 nor 1");
  for (const LockMode mode :
       {LockMode::none, LockMode::advisory, LockMode::governance, LockMode::compliance}) {
    CHECK((*checked_mode(static_cast<std::uint32_t>(mode)) == mode));
  }
  CHECK(checked_mode(31).error().message == "mode 31 does not exist");
  CHECK((*checked_date(CAVRA_NO_DATE, "date") == std::nullopt));
  CHECK((*checked_date(1, "date") == 1));
  CHECK((*checked_date(-1, "date") == -1));
  CHECK((*checked_date(kMaxUnixSeconds, "date") == kMaxUnixSeconds));
  CHECK(checked_date(kMaxUnixSeconds + 1, "date").error().message ==
        "date is @253402300800, outside of the years 1 to 9999");
  CHECK_FALSE(checked_date(kMinUnixSeconds - 1, "date"));
}

TEST_CASE("check_key takes keys that every store can have") {
  struct Row {
    std::string_view key;
    bool is_usable;
  };
  static const std::string longest(CAVRA_MAX_KEY_BYTES, 'k');
  static const std::string too_long(CAVRA_MAX_KEY_BYTES + 1, 'k');
  static const std::array rows{
      Row{"a", true},
      Row{"a/b/c.json", true},
      Row{"a/...", true},
      Row{".hidden", true},
      Row{longest, true},
      Row{"東京/1", true},
      Row{"", false},
      Row{"/a", false},
      Row{"a/", false},
      Row{"a//b", false},
      Row{".", false},
      Row{"a/./b", false},
      Row{"../a", false},
      Row{"a/..", false},
      Row{too_long, false},
      Row{"\xff", false},
      Row{std::string_view("a\0b", 3), false},
  };
  for (const auto& [key, is_usable] : rows) {
    CAPTURE(key);
    const auto checked = check_key(key);
    CHECK(checked.has_value() == is_usable);
    if (!checked) CHECK((checked.error().code == ErrorCode::usage));
  }
}
