// What the fuzz targets share: how they take bytes apart, and how they say that a promise is
// broken.
//
// A target is a function that takes bytes from anybody. It ends the process where a promise is
// broken, so that libFuzzer, and the unit test that replays what it found, see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>

#include "byte_sources.hpp"
#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/result.hpp"

namespace cavra::fuzz {

using testing::MemorySource;

// Ends the process where `holds` is false.
inline void require(bool holds, std::string_view promise,
                    const std::source_location& at = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: broken: %.*s\n", at.file_name(), static_cast<unsigned>(at.line()),
               static_cast<int>(promise.size()), promise.data());
  std::abort();
}

// What is printed to people is UTF-8 without what a terminal obeys, and bounded.
inline void require_printable(std::string_view text,
                              const std::source_location& at = std::source_location::current()) {
  require(printable(text, text.size() + 1) == text, "a text for people has something unseen", at);
  require(text.size() <= std::size_t{1} << 20, "a text for people has no end", at);
}

// An error's message is one line for a person; where a message has a line for each finding, each
// is.
inline void require_fine(const Error& error,
                         const std::source_location& at = std::source_location::current()) {
  require(!error.message.empty(), "an error without words", at);
  std::string_view rest = error.message;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    require_printable(line, at);
    rest.remove_prefix(line.size() == rest.size() ? rest.size() : line.size() + 1);
  }
}

// What was parsed; an error's words are looked at.
template <class T>
[[nodiscard]] std::optional<T> fine(Result<T> parsed) {
  if (parsed) return std::optional(*std::move(parsed));
  require_fine(parsed.error());
  return std::nullopt;
}

// Gives the bytes of the input as numbers and texts; zeros and empty texts once they are used up.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  template <class Number>
    requires std::is_integral_v<Number>
  Number number() {
    Number value = 0;
    const std::string_view from = take(sizeof(value));
    std::memcpy(&value, from.data(), from.size());
    return value;
  }
  bool flag() { return (number<std::uint8_t>() & 1U) != 0; }
  std::size_t below(std::size_t limit) { return number<std::uint8_t>() % limit; }
  // At most 255 bytes, or `most` where the first byte is 255.
  std::string text(std::size_t most = 255) {
    const std::size_t size = number<std::uint8_t>();
    return std::string(take(size == 255 ? most : size));
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest_;
};

}  // namespace cavra::fuzz
