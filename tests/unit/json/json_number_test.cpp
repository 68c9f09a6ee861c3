#include "json/json_number.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

using namespace cavra;

TEST_CASE("integers are exact at any size") {
  struct Row {
    std::string_view text;
    std::string_view written;
    bool is_big;
  };
  static constexpr std::array rows{
      Row{"0", "0", false},
      Row{"-0", "0", false},
      Row{"9223372036854775807", "9223372036854775807", false},
      Row{"-9223372036854775808", "-9223372036854775808", false},
      Row{"9223372036854775808", "9223372036854775808", true},
      Row{"-9223372036854775809", "-9223372036854775809", true},
      Row{"123456789012345678901234567890", "123456789012345678901234567890", true},
  };
  for (const auto& [text, written, is_big] : rows) {
    CAPTURE(text);
    const auto value = parse_json(text);
    REQUIRE(value);
    CHECK(canonical_json(*value) == written);
    CHECK((value->if_big_integer() != nullptr) == is_big);
    CHECK((value->if_integer() != nullptr) == !is_big);
  }
}

TEST_CASE("an integer may have 4300 digits, as in CPython") {
  const std::string digits(4300, '9');
  CHECK(parse_json(digits));
  CHECK(canonical_json(parse_json("-" + digits).value()) == "-" + digits);
  const auto longer = parse_json("[" + digits + "9]");
  REQUIRE(!longer);
  CHECK(longer.error().message ==
        "an integer has more than 4300 digits at byte 1 (line 1, column 2)");
}

TEST_CASE("what has a point or an exponent is a double") {
  struct Row {
    std::string text;
    std::string_view written;  // empty: refused
  };
  const std::string zeros(400, '0');
  const std::vector<Row> rows{
      {"1.0", "1.0"},
      {"-0.0", "-0.0"},
      {"-0e0", "-0.0"},
      {"1e2", "100.0"},
      {"1E+2", "100.0"},
      {"0.1", "0.1"},
      {"1e16", "1e+16"},
      {"9999999999999998.0", "9999999999999998.0"},
      {"1e15", "1000000000000000.0"},
      {"123456789.125", "123456789.125"},
      {"1e-5", "1e-05"},
      {"0.0001", "0.0001"},
      {"0.00012345", "0.00012345"},
      {"1.5e300", "1.5e+300"},
      {"5e-324", "5e-324"},
      {"2.4703282292062327e-324", "0.0"},  // half of the smallest: to even
      {"1e-400", "0.0"},
      {"-1e-400", "-0.0"},
      {"1e-99999999999999999999999", "0.0"},
      {"0e400", "0.0"},
      {"0.0e99999999999999999999999", "0.0"},
      {"1" + zeros + "e-400", "1.0"},
      {"0." + zeros + "1e401", "1.0"},
      {"0." + zeros + "1", "0.0"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"1.7976931348623159e308", ""},
      {"1" + zeros + ".0", ""},
      {"-1e400", ""},
      {"1e99999999999999999999999", ""},
  };
  for (const auto& [text, written] : rows) {
    CAPTURE(text);
    const auto value = parse_json(text);
    CHECK(value.has_value() == !written.empty());
    if (!value) {
      CHECK(value.error().message.starts_with("a number is too large for a double"));
    } else {
      CHECK(value->if_double() != nullptr);
      CHECK(canonical_json(*value) == written);
    }
  }
}

TEST_CASE("infinity and NaN cannot be written") {
  std::string out;
  CHECK_THROWS_AS(append_double(out, std::numeric_limits<double>::infinity()), std::logic_error);
  CHECK_THROWS_AS(append_double(out, std::numeric_limits<double>::quiet_NaN()), std::logic_error);
}
