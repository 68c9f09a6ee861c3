#include "python_text.hpp"

#include <algorithm>
#include <array>

namespace cavra::s3 {
namespace {

struct Space {
  std::string_view bytes;
  bool ends_line;  // for str.splitlines()
};

// str.isspace() of Python 3.11 (Unicode 14), in UTF-8.
constexpr std::array kSpaces{
    Space{" ", false},      Space{"\t", false},     Space{"\n", true},
    Space{"\r", true},      Space{"\v", true},      Space{"\f", true},
    Space{"\x1c", true},    Space{"\x1d", true},   // file, group,
    Space{"\x1e", true},    Space{"\x1f", false},  // record and unit separator
    Space{"\u0085", true},  Space{"\u00a0", false}, Space{"\u1680", false},
    Space{"\u2000", false}, Space{"\u2001", false}, Space{"\u2002", false},
    Space{"\u2003", false}, Space{"\u2004", false}, Space{"\u2005", false},
    Space{"\u2006", false}, Space{"\u2007", false}, Space{"\u2008", false},
    Space{"\u2009", false}, Space{"\u200a", false}, Space{"\u2028", true},
    Space{"\u2029", true},  Space{"\u202f", false}, Space{"\u205f", false},
    Space{"\u3000", false},
};

// The bytes with which characters begin or end that are spaces: nearly no byte of a text is one.
constexpr std::array<bool, 256> edges(bool first) {
  std::array<bool, 256> found{};
  for (const Space& space : kSpaces)
    found[static_cast<unsigned char>(first ? space.bytes.front() : space.bytes.back())] = true;
  return found;
}
constexpr std::array<bool, 256> kFirst = edges(true);
constexpr std::array<bool, 256> kLast = edges(false);

// Null where no space is at the start.
const Space* space_at_start(std::string_view text) {
  if (text.empty() || !kFirst[static_cast<unsigned char>(text.front())]) return nullptr;
  const auto found = std::ranges::find_if(
      kSpaces, [text](const Space& space) { return text.starts_with(space.bytes); });
  return found == kSpaces.end() ? nullptr : &*found;
}

const Space* space_at_end(std::string_view text) {
  if (text.empty() || !kLast[static_cast<unsigned char>(text.back())]) return nullptr;
  const auto found = std::ranges::find_if(
      kSpaces, [text](const Space& space) { return text.ends_with(space.bytes); });
  return found == kSpaces.end() ? nullptr : &*found;
}

// The line up to `at`, whose end has `end_bytes` bytes; CR and LF together are one end.
std::string_view take(std::string_view& rest, std::size_t at, std::size_t end_bytes) {
  const std::string_view line = rest.substr(0, at);
  rest.remove_prefix(at);
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : end_bytes);
  return line;
}

}  // namespace

std::string_view take_line(std::string_view& rest) {
  const std::size_t at = rest.find_first_of("\r\n");
  if (at == std::string_view::npos) return take(rest, rest.size(), 0);
  return take(rest, at, 1);
}

std::string_view take_split_line(std::string_view& rest) {
  for (std::size_t at = 0; at < rest.size(); ++at) {
    const Space* const space = space_at_start(rest.substr(at));
    if (space != nullptr && space->ends_line) return take(rest, at, space->bytes.size());
  }
  return take(rest, rest.size(), 0);
}

std::string_view trim(std::string_view text) {
  while (const Space* const space = space_at_start(text))
    text.remove_prefix(space->bytes.size());
  while (const Space* const space = space_at_end(text))
    text.remove_suffix(space->bytes.size());
  return text;
}

std::size_t indent_of(std::string_view text) {
  std::size_t characters = 0;
  for (; const Space* const space = space_at_start(text); ++characters)
    text.remove_prefix(space->bytes.size());
  return characters;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + ('a' - 'A'));
  }
  return lower;
}

}  // namespace cavra::s3
