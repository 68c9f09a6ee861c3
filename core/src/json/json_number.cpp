#include "json/json_number.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace cavra {
namespace {

std::variant<JsonValue, const char*> parse_integer(std::string_view text) {
  const bool is_negative = text.front() == '-';
  if (text.size() - (is_negative ? 1 : 0) > kMaxIntegerDigits) {
    return "an integer has more than 4300 digits";
  }
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc{}) return JsonValue(value);  // "-0" is 0
  return JsonValue(BigInteger{std::string(text)});
}

// Whether a number that is out of a double's range is so at the small end. from_chars does not
// tell; the power of ten of the first digit that is not 0 does.
bool is_tiny(std::string_view text) {
  long exponent = 0;
  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  if (e != std::string_view::npos) {
    const std::string_view power = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
    const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (read.ec != std::errc{}) return power.front() == '-';
  }
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return true;  // zero
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto places = static_cast<long>(point) - static_cast<long>(first);
  return exponent < -places;  // no overflow: |places| is at most the length of a text
}

std::variant<JsonValue, const char*> parse_double(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc{} && std::isfinite(value)) return JsonValue(value);
  if (is_tiny(text)) return JsonValue(text.front() == '-' ? -0.0 : 0.0);
  return "a number is too large for a double";
}

}  // namespace

std::variant<JsonValue, const char*> parse_number(std::string_view text) {
  const bool is_integer = text.find_first_of(".eE") == std::string_view::npos;
  return is_integer ? parse_integer(text) : parse_double(text);
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) throw std::logic_error("JSON has no NaN and no infinity");
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                     std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  // text is d[.ddd]e±dd
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* power = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(power, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) {  // Python's repr(): PyOS_double_to_string(…, 'r', …)
    out += text;
    return;
  }
  std::string digits(1, text.front());
  if (e > 1) digits += text.substr(2, e - 2);
  if (exponent < 0) {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    return;
  }
  const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) {
    out += digits + std::string(whole - digits.size(), '0') + ".0";
  } else {
    out += digits.substr(0, whole) + '.' + digits.substr(whole);
  }
}

}  // namespace cavra
