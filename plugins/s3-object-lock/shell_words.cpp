#include "shell_words.hpp"

#include <algorithm>

namespace cavra::s3 {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

// What follows an opening quote, up to its own end. False where that is missing.
bool take_quoted(std::string_view& rest, char quote, std::string& word) {
  while (!rest.empty()) {
    const char next = rest.front();
    rest.remove_prefix(1);
    if (next == quote) return true;
    // Within double quotes a backslash counts before another one and before a quote.
    const bool is_escape = quote == '"' && next == '\\';
    if (is_escape && (rest.starts_with('"') || rest.starts_with('\\'))) {
      word += rest.front();
      rest.remove_prefix(1);
    } else {
      word += next;
    }
  }
  return false;
}

// One word; the text does not begin with a space.
bool take_word(std::string_view& rest, std::string& word) {
  while (!rest.empty() && !kSpaces.contains(rest.front())) {
    const char next = rest.front();
    rest.remove_prefix(1);
    if (next == '"' || next == '\'') {
      if (!take_quoted(rest, next, word)) return false;
      continue;
    }
    if (next != '\\') {
      word += next;
      continue;
    }
    if (rest.empty()) return false;
    word += rest.front();
    rest.remove_prefix(1);
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> split_shell_words(std::string_view text) {
  std::vector<std::string> words;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    if (text.empty()) return words;
    if (!take_word(text, words.emplace_back())) return std::nullopt;
  }
}

}  // namespace cavra::s3
