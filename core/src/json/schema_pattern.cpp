#include "json/schema_pattern.hpp"

#include <algorithm>
#include <charconv>

#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

// States of the automaton after all {n,m} are written out: bounds memory and time.
constexpr std::size_t kMaxStates = 1000;
constexpr std::size_t kMaxGroups = 32;

struct Part {
  bool may_be_empty;
  std::size_t states;
};

// Recursive descent over a pattern without its anchors. The first problem stays.
class PatternParser {
 public:
  explicit PatternParser(std::string_view text) : rest_(text) {}

  Part alternatives(std::size_t groups) {
    Part whole = sequence(groups);
    while (take('|')) {
      has_top_level_bar_ = has_top_level_bar_ || groups == 0;
      const Part next = sequence(groups);
      if (whole.may_be_empty || next.may_be_empty) fail("an alternative that may be empty");
      whole.states += next.states + 1;
    }
    return whole;
  }

  void finish() {
    if (!rest_.empty()) fail("an unopened )");
  }
  void fail(std::string_view problem) {
    if (problem_.empty()) problem_ = problem;
    rest_ = {};  // nothing more to look at
  }

  [[nodiscard]] bool has_top_level_bar() const { return has_top_level_bar_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Part sequence(std::size_t groups) {
    Part whole{true, 0};
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const Part next = repeated(element(groups));
      whole.may_be_empty = whole.may_be_empty && next.may_be_empty;
      whole.states += next.states;
      if (whole.states > kMaxStates) fail("more than 1000 states, with all repetitions");
    }
    if (whole.states == 0) fail("an empty group or alternative");
    return whole;
  }

  Part element(std::size_t groups) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case '(':
        return group(groups);
      case '[':
        character_class();
        return {false, 1};
      case '\\':
        escape();
        return {false, 1};
      case '^':
      case '$':
        fail("^ or $ elsewhere than at the ends");
        break;
      case '*':
      case '+':
      case '?':
      case '{':
        fail("a repetition of nothing, or of a repetition");
        break;
      case ']':
      case '}':
        fail("a bare ] or }; write \\] or \\}");
        break;
      default:
        break;
    }
    // A character of more bytes counts as one element of more states, which changes nothing.
    while (!rest_.empty() && (static_cast<unsigned char>(rest_.front()) & 0xC0) == 0x80) {
      rest_.remove_prefix(1);
    }
    return {false, 1};
  }

  Part group(std::size_t groups) {
    if (groups >= kMaxGroups) fail("more than 32 groups in one another");
    if (rest_.starts_with('?')) fail("(?; only plain groups are known");
    const Part inner = alternatives(groups + 1);
    if (!take(')')) fail("an unclosed (");
    return inner;
  }

  void character_class() {
    take('^');
    bool is_empty = true;
    while (!rest_.empty() && rest_.front() != ']') {
      is_empty = false;
      const std::string_view first = class_character();
      if (!rest_.starts_with('-') || rest_.starts_with("-]")) continue;
      rest_.remove_prefix(1);
      if (rest_.empty()) break;
      if (class_character() < first) fail("a range that runs backwards");
    }
    if (is_empty) fail("an empty []");
    if (!take(']')) fail("an unclosed [");
  }

  // One character as UTF-8 (whose order is that of code points), or an escape by its letter.
  std::string_view class_character() {
    if (take('\\')) return escape();
    std::size_t length = 1;
    while (length < rest_.size() && (static_cast<unsigned char>(rest_[length]) & 0xC0) == 0x80) {
      ++length;
    }
    const std::string_view character = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return character;
  }

  std::string_view escape() {
    constexpr std::string_view kKnown = "^$|()?*+.[]{}\\fnrtv";
    if (rest_.empty() || kKnown.find(rest_.front()) == std::string_view::npos) {
      fail("an escape other than of ^ $ | ( ) ? * + . [ ] { } \\ and \\f \\n \\r \\t \\v");
      return {};
    }
    const std::string_view letter = rest_.substr(0, 1);
    rest_.remove_prefix(1);
    return letter;
  }

  Part repeated(Part part) {
    if (take('*')) return repeat(part, true, 1);
    if (take('+')) return repeat(part, false, 1);
    if (take('?')) return repeat(part, true, 1);
    if (!take('{')) return part;
    const std::size_t least = count();
    std::size_t most = least;
    if (take(',')) most = rest_.starts_with('}') ? std::max<std::size_t>(least, 1) : count();
    if (!take('}')) fail("a { that is no {n}, {n,} or {n,m}");
    if (most < least) fail("a {n,m} with m below n");
    if (most == 0) fail("{0}, which is nothing");
    return repeat(part, least == 0, most);
  }

  Part repeat(Part part, bool may_be_empty, std::size_t times) {
    if (part.may_be_empty) fail("a repetition of what may be empty");
    return {may_be_empty, (part.states + 1) * times};
  }

  std::size_t count() {
    std::size_t value = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (read.ec != std::errc{} || value > kMaxStates) {
      fail("a { that is no {n}, {n,} or {n,m} with n and m up to 1000");
      return 0;
    }
    rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
    return value;
  }

  std::string_view rest_;
  bool has_top_level_bar_ = false;
  std::string problem_;
};

}  // namespace

std::optional<std::string> pattern_problem(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) return "it is longer than 256 bytes";
  if (pattern.find('\0') != std::string_view::npos) return "a NUL character";
  const bool is_anchored_first = pattern.starts_with('^');
  if (is_anchored_first) pattern.remove_prefix(1);
  bool is_anchored_last = false;
  if (pattern.ends_with('$')) {
    const std::size_t last_other = pattern.find_last_not_of('\\', pattern.size() - 2);
    const std::size_t backslashes =
        pattern.size() == 1 ? 0 : pattern.size() - 2 - (last_other + 1) + 1;
    is_anchored_last = backslashes % 2 == 0;
  }
  if (is_anchored_last) pattern.remove_suffix(1);
  PatternParser parser(pattern);
  const Part whole = parser.alternatives(0);
  parser.finish();
  if (parser.has_top_level_bar() && (is_anchored_first || is_anchored_last)) {
    parser.fail("| beside ^ or $; put the alternatives into a group");
  }
  if (whole.may_be_empty && !(is_anchored_first && is_anchored_last)) {
    parser.fail("it may match nothing, and is not between ^ and $");
  }
  if (parser.problem().empty()) return std::nullopt;
  return parser.problem();
}

}  // namespace cavra
