#include "object_key.hpp"

#include <locale.h>
#include <wctype.h>

#include <algorithm>
#include <optional>

#include "cavra/support/encoding.hpp"

namespace cavra::local_worm {
namespace {

std::optional<std::string_view> fault_of_part(std::string_view part) {
  if (part.empty()) return "an empty part";
  if (part == "." || part == "..") return "a part \".\" or \"..\"";
  if (part.size() > kMaxKeyPartBytes)
    return "a part longer than 255 bytes, the most of a file name";
  const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
  if (std::ranges::any_of(part, is_control)) return "a control character";
  return std::nullopt;
}

Error refuse(std::string_view key, std::string_view fault) {
  return {ErrorCode::refused,
          "key " + quoted(key, 200) + ": it has " + std::string(fault) + "; choose another name"};
}

Result<std::vector<std::string>> split(std::string_view key) {
  if (key.size() > kMaxKeyBytes) return refuse(key, "more than 1024 bytes");
  if (!is_utf8(key)) return refuse(key, "bytes that are not UTF-8");
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    if (const auto fault = fault_of_part(part)) return refuse(key, *fault);
    parts.emplace_back(part);
    begin = end + 1;
  }
  if (parts.front().starts_with('.'))
    return refuse(key, "a first part that starts with a dot, which is kept for the store itself");
  return parts;
}

// The letter that starts at `at` of well-formed UTF-8, and moves `at` behind it.
char32_t next_letter(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  char32_t letter = first & (0x3fU >> more);
  for (int i = 0; i < more; ++i)
    letter = (letter << 6) | (byte(at++) & 0x3fU);
  return letter;
}

void append_letter(std::string& out, char32_t letter) {
  const auto tail = [&](int shift) {
    out.push_back(static_cast<char>(0x80 | ((letter >> shift) & 0x3f)));
  };
  if (letter < 0x80) {
    out.push_back(static_cast<char>(letter));
  } else if (letter < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (letter >> 6)));
    tail(0);
  } else if (letter < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (letter >> 12)));
    tail(6), tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | (letter >> 18)));
    tail(12), tail(6), tail(0);
  }
}

// glibc's own C.UTF-8 knows the cases of all scripts, whatever the process's locale is. Where it is
// missing (never seen on glibc 2.35 and later) only ASCII letters have cases. Made once, never
// freed.
locale_t case_locale() {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
  return locale;
}

char32_t fold(char32_t letter) {
  if (letter < 0x80) return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
  const locale_t locale = case_locale();
  if (locale == locale_t{}) return letter;
  // Upper first: sigma has two small forms and one capital.
  const wint_t upper = ::towupper_l(static_cast<wint_t>(letter), locale);
  return static_cast<char32_t>(::towlower_l(upper, locale));
}

}  // namespace

Result<ObjectKey> ObjectKey::parse(std::string_view text) {
  CAVRA_TRY(std::vector<std::string> parts, split(text));
  ObjectKey key;
  key.text_ = text;
  key.name_ = std::move(parts.back());
  parts.pop_back();
  key.folders_ = std::move(parts);
  return key;
}

Result<std::vector<std::string>> parse_folder_prefix(std::string_view prefix) {
  if (!prefix.ends_with('/')) return refuse(prefix, "no '/' at its end, as a folder has");
  return split(prefix.substr(0, prefix.size() - 1));
}

std::string fold_case(std::string_view name) {
  std::string folded;
  folded.reserve(name.size());
  for (std::size_t at = 0; at < name.size();)
    append_letter(folded, fold(next_letter(name, at)));
  return folded;
}

}  // namespace cavra::local_worm
