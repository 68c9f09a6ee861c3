#include "cavra/support/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cavra {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

// The value of each byte as a digit, kNoDigit where it is none.
constexpr std::array<std::uint8_t, 256> digit_values(std::string_view digits) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i)
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr auto kHexValues = digit_values(kHexDigits);
constexpr auto kBase64Values = digit_values(kBase64Digits);

constexpr std::uint32_t value_of(const std::array<std::uint8_t, 256>& values, char digit) {
  return values[static_cast<unsigned char>(digit)];
}

// Appends `count` hex digits, the lowest of `value`.
void append_hex(std::string& out, std::uint32_t value, int count) {
  for (int shift = 4 * (count - 1); shift >= 0; shift -= 4)
    out += kHexDigits[(value >> shift) & 15];
}

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // in bytes; 0 where the text is ill-formed here
};

constexpr bool is_between(unsigned char byte, unsigned low, unsigned high) {
  return byte >= low && byte <= high;
}

// The character at the start of a text that is not empty. The bounds of the second byte, by the
// first, are table 3-7 of the Unicode Standard (the ABNF of RFC 3629, section 4): they shut out
// overlong forms, surrogates and what is above U+10FFFF.
CodePoint first_code_point(std::string_view text) noexcept {
  const auto byte_at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte_at(0);
  if (lead < 0x80) return {lead, 1};

  std::size_t length = 0;
  if (is_between(lead, 0xc2, 0xdf)) length = 2;
  if (is_between(lead, 0xe0, 0xef)) length = 3;
  if (is_between(lead, 0xf0, 0xf4)) length = 4;
  if (length == 0 || text.size() < length) return {};

  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (!is_between(byte_at(1), low, high)) return {};

  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_between(byte_at(i), 0x80, 0xbf)) return {};
    value = (value << 6) | (byte_at(i) & 0x3fU);
  }
  return {value, length};
}

struct CodePointRange {
  char32_t first;
  char32_t last;
};

// What a terminal obeys instead of showing it, or what a reader cannot see or sees in another
// place (Unicode Technical Report 36, section 3; "Trojan Source", CVE-2021-42574).
constexpr std::array kNotShown{
    CodePointRange{0x0000, 0x001f},    // C0 controls
    CodePointRange{0x007f, 0x009f},    // DEL and C1 controls
    CodePointRange{0x00ad, 0x00ad},    // soft hyphen
    CodePointRange{0x061c, 0x061c},    // Arabic letter mark
    CodePointRange{0x180e, 0x180e},    // Mongolian vowel separator
    CodePointRange{0x200b, 0x200f},    // zero-width, left-to-right and right-to-left marks
    CodePointRange{0x2028, 0x202e},    // line and paragraph separators, bidirectional embeddings
    CodePointRange{0x2060, 0x206f},    // word joiner, invisible operators, bidirectional isolates
    CodePointRange{0xfeff, 0xfeff},    // byte order mark
    CodePointRange{0xfff9, 0xfffb},    // interlinear annotation
    CodePointRange{0xe0000, 0xe007f},  // tags
};

bool is_shown(char32_t value) noexcept {
  for (const auto& range : kNotShown)
    if (value >= range.first && value <= range.last) return false;
  return true;
}

// Text for people, cut before it passes its limit and never within a character or an escape.
std::string printable_text(std::string_view text, std::size_t max_bytes, bool escape_quotes) {
  std::string out;
  std::string piece;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    const std::size_t taken = next.length == 0 ? 1 : next.length;
    piece.clear();
    if (next.length == 0) {
      piece += "\\x";
      append_hex(piece, static_cast<unsigned char>(text[0]), 2);
    } else if (!is_shown(next.value)) {
      const bool is_short = next.value <= 0xffff;
      piece += is_short ? "\\u" : "\\U";
      append_hex(piece, next.value, is_short ? 4 : 8);
    } else {
      if (escape_quotes && (next.value == U'"' || next.value == U'\\')) piece += '\\';
      piece += text.substr(0, taken);
    }
    if (piece.size() > max_bytes - out.size()) return out + "…";
    out += piece;
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes)
    append_hex(text, std::to_integer<std::uint32_t>(byte), 2);
  return text;
}

std::optional<std::vector<std::byte>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint32_t high = value_of(kHexValues, text[i]);
    const std::uint32_t low = value_of(kHexValues, text[i + 1]);
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(high << 4 | low));
  }
  return bytes;
}

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto group = bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i));
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? std::to_integer<std::uint32_t>(group[j]) : 0);
    for (std::size_t j = 0; j < 4; ++j)
      text += j <= group.size() ? kBase64Digits[(bits >> (18 - 6 * j)) & 63] : '=';
  }
  return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;  // read and not yet given out: the lowest `bit_count` of them
  unsigned bit_count = 0;
  for (const char digit : digits) {
    const std::uint32_t value = value_of(kBase64Values, digit);
    if (value == kNoDigit) return std::nullopt;
    bits = bits << 6 | value;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> bit_count));
    bits &= (1U << bit_count) - 1;
  }
  if (bits != 0) return std::nullopt;  // spare bits: RFC 4648 section 3.5
  return bytes;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = first_code_point(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  return printable_text(text, max_bytes, false);
}

std::string quoted(std::string_view text, std::size_t max_bytes) {
  return '"' + printable_text(text, max_bytes, true) + '"';
}

}  // namespace cavra
