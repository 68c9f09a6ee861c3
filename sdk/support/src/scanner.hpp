// Scanner takes a short text apart from its front: dates and periods. Private to this folder.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace cavra::detail {

// Each call gives false, or nothing, where the text is another. Lends the text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A number of exactly `count` digits.
  [[nodiscard]] bool take_digits(std::size_t count, int& number) {
    if (count_digits() < count) return false;
    const std::string_view digits = rest_.substr(0, count);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    rest_.remove_prefix(count);
    return true;
  }

  // As many digits as there are: maybe none.
  [[nodiscard]] std::string_view take_all_digits() {
    const std::string_view digits = rest_.substr(0, count_digits());
    rest_.remove_prefix(digits.size());
    return digits;
  }

 private:
  [[nodiscard]] static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  [[nodiscard]] std::size_t count_digits() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_digit) -
                                    rest_.begin());
  }

  std::string_view rest_;
};

}  // namespace cavra::detail
