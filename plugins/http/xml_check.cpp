#include "xml_check.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "headers.hpp"

namespace cavra::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Letters beyond ASCII are all taken: the bytes of their UTF-8.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_in_name(char c) {
  return begins_name(c) || is_digit(c) || c == '-' || c == '.' || c == ':';
}

// A name, or prefix and name ("Namespaces in XML", section 4), of letters that names have.
bool is_name(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    if (colon == 0 || !begins_name(text[0])) return false;
    text.remove_prefix(colon + 1);
  }
  return !text.empty() && begins_name(text[0]) && text.find(':') == std::string_view::npos;
}

// XML 1.0, section 2.2.
bool is_character(std::uint32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code <= 0xD7FF) ||
         (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

// Where well-formed UTF-8 has a character that XML has not, whatever it would be a part of.
std::optional<std::size_t> find_no_character(std::string_view text) {
  const auto control = std::ranges::find_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && !is_blank(c); });
  const std::size_t at = std::min({static_cast<std::size_t>(control - text.begin()),
                                   text.find("\xef\xbf\xbe"), text.find("\xef\xbf\xbf")});
  if (at >= text.size()) return std::nullopt;
  return at;
}

// Walks over the text from front to back. Each step leaves at_ behind what it took and gives true,
// or says why not by fail().
class Scanner {
 public:
  Scanner(std::string_view text, const XmlLimits& limits) : text_(text), limits_(limits) {}

  [[nodiscard]] Result<void> check() {
    if (!document()) return xml_error(fault_, at_);
    return {};
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

  bool take(std::string_view expected) {
    if (!rest().starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  // Everything through `end`.
  [[nodiscard]] bool take_through(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    return found != std::string_view::npos;
  }

  // Whether there were any.
  bool skip_blanks() {
    const std::size_t begin = at_;
    while (!at_end() && is_blank(text_[at_]))
      ++at_;
    return at_ > begin;
  }

  bool fail(std::string_view fault) {
    fault_ = at_end() ? "it is cut off" : fault;
    return false;
  }

  bool document() {
    take(kByteOrderMark);
    skip_blanks();
    if (rest().starts_with("<?xml") && rest().size() > 5 && is_blank(rest()[5]) && !declaration())
      return false;
    while (!at_end()) {
      if (depth_ == 0 && skip_blanks()) continue;
      if (text_[at_] == '<' ? !markup() : !character_data()) return false;
    }
    if (depth_ > 0) return fail({});
    if (!has_root_) fault_ = "there is no element in it";
    return has_root_;
  }

  // <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
  bool declaration() {
    at_ += std::string_view("<?xml").size();
    const auto version = take_setting("version");
    if (!version || version->size() < 3 || !version->starts_with("1.") ||
        !std::ranges::all_of(version->substr(2), is_digit))
      return fail("a declaration without version 1");
    const auto encoding = take_setting("encoding");
    if (encoding && lower_case(*encoding) != "utf-8") return fail("another encoding than UTF-8");
    const auto standalone = take_setting("standalone");
    if (standalone && standalone != "yes" && standalone != "no")
      return fail("\"standalone\" that is neither yes nor no");
    skip_blanks();
    return take("?>") || fail("a declaration with something else in it");
  }

  // The value, where that setting comes next.
  std::optional<std::string_view> take_setting(std::string_view name) {
    const std::size_t begin = at_;
    if (skip_blanks() && take(name)) {
      skip_blanks();
      if (take("=")) {
        skip_blanks();
        const std::string_view quote = rest().substr(0, 1);
        const std::size_t value = at_ + 1;
        if ((take("\"") || take("'")) && take_through(quote))
          return text_.substr(value, at_ - 1 - value);
      }
    }
    at_ = begin;
    return std::nullopt;
  }

  bool markup() {
    if (take("<!--")) return comment();
    if (take("<![CDATA[")) return cdata();
    if (rest().starts_with("<!")) return fail("a DOCTYPE, or other markup that no answer has");
    if (take("<?")) return instruction();
    if (take("</")) return end_tag();
    ++at_;
    return start_tag();
  }

  bool comment() {
    if (!take_through("--")) return fail({});
    return take(">") || fail("two dashes in a comment");
  }

  bool cdata() {
    if (depth_ == 0) return fail("text outside of the root element");
    return take_through("]]>") || fail({});
  }

  bool instruction() {
    const auto target = take_name();
    if (!target) return fail("an instruction without a name");
    if (lower_case(*target) == "xml") return fail("a declaration that is not at the start");
    if (take("?>")) return true;
    if (!skip_blanks()) return fail("an instruction with another letter in its name");
    return take_through("?>") || fail({});
  }

  bool start_tag() {
    if (depth_ == 0 && has_root_) return fail("a second element beside the root");
    if (depth_ == limits_.max_depth) return fail("too many elements in one another");
    if (elements_ == limits_.max_elements) return fail("too many elements");
    has_root_ = true;
    ++elements_;
    if (!take_name()) return fail("a tag without a name");
    attributes_.clear();
    for (;;) {
      const bool is_apart = skip_blanks();
      if (take("/>")) return true;
      if (take(">")) {
        ++depth_;
        return true;
      }
      if (!is_apart) return fail("a tag with another letter in it");
      if (!attribute()) return false;
    }
  }

  bool end_tag() {
    if (depth_ == 0) return fail("an end tag without its element");
    if (!take_name()) return fail("an end tag without a name");
    skip_blanks();
    --depth_;
    return take(">") || fail("an end tag with something behind its name");
  }

  bool attribute() {
    const auto name = take_name();
    if (!name) return fail("a tag with something that is no attribute");
    if (attributes_.size() == limits_.max_attributes) return fail("too many attributes");
    if (std::ranges::find(attributes_, *name) != attributes_.end())
      return fail("the same attribute twice");
    attributes_.push_back(*name);
    skip_blanks();
    if (!take("=")) return fail("an attribute without a value");
    skip_blanks();
    const char quote = at_end() ? '\0' : text_[at_];
    if (quote != '"' && quote != '\'') return fail("an attribute without quotes");
    ++at_;
    while (!at_end() && text_[at_] != quote) {
      if (text_[at_] == '<') return fail("a tag inside of an attribute");
      if (text_[at_] != '&') {
        ++at_;
      } else if (!reference()) {
        return false;
      }
    }
    return take({&quote, 1}) || fail({});
  }

  // To the next tag.
  bool character_data() {
    if (depth_ == 0) return fail("text outside of the root element");
    while (!at_end() && text_[at_] != '<') {
      if (text_[at_] == ']' && rest().starts_with("]]>")) return fail("\"]]>\" in text");
      if (text_[at_] != '&') {
        ++at_;
      } else if (!reference()) {
        return false;
      }
    }
    return true;
  }

  bool reference() {
    for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
      if (take(entity)) return true;
    }
    if (!take("&#")) return fail("an entity that is not one of XML's five");
    const int base = take("x") ? 16 : 10;
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(rest().data(), rest().data() + rest().size(), code, base);
    at_ += static_cast<std::size_t>(end - rest().data());
    if (error != std::errc{} || !is_character(code))
      return fail("a reference to what is no character");
    return take(";") || fail("a reference without its semicolon");
  }

  std::optional<std::string_view> take_name() {
    const std::size_t begin = at_;
    while (!at_end() && is_in_name(text_[at_]))
      ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (!is_name(name)) return std::nullopt;
    return name;
  }

  std::string_view text_;
  XmlLimits limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t elements_ = 0;
  bool has_root_ = false;
  std::vector<std::string_view> attributes_;  // of the tag at hand
  std::string_view fault_;
};

}  // namespace

Result<void> check_xml(std::string_view text, const XmlLimits& limits) {
  if (!is_utf8(text)) return Error{ErrorCode::corrupt, "XML: it is not UTF-8"};
  if (const auto at = find_no_character(text))
    return xml_error("a character that XML does not have", *at);
  return Scanner(text, limits).check();
}

Error xml_error(std::string_view what, std::size_t offset) {
  return {ErrorCode::corrupt, "XML: at byte " + std::to_string(offset) + ": " + std::string(what)};
}

}  // namespace cavra::http
