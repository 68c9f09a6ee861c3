// Hex, base64 and UTF-8, each one way only: what is not the canonical spelling is refused.
//
// Pure functions: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cavra {

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Lower-case hex. Decoding takes lower case only.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
[[nodiscard]] std::optional<std::vector<std::byte>> from_hex(std::string_view text);

// RFC 4648 section 4 with padding. Decoding refuses other characters, missing or surplus padding
// and spare bits that are not zero: one text for one value.
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
[[nodiscard]] std::optional<std::vector<std::byte>> from_base64(std::string_view text);

// Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// For messages and terminals: what a terminal obeys or a reader cannot see (controls, DEL, C1, line
// and paragraph separators, bidirectional controls, zero-width and other invisible characters) as
// \u001b or \U000e0001, bytes that are not UTF-8 as \xff. The result has at most `max_bytes` bytes,
// and then "…" where something was cut. What comes from a bundle, plugin or server goes through
// here before a person reads it.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 400);

// printable() in double quotes, with " and \ escaped. `max_bytes` and "…" are within the quotes.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t max_bytes = 400);
// For std::string itself, so that argument-dependent look-up never takes std::quoted instead.
[[nodiscard]] inline std::string quoted(const std::string& text, std::size_t max_bytes = 400) {
  return quoted(std::string_view(text), max_bytes);
}
[[nodiscard]] inline std::string quoted(const char* text, std::size_t max_bytes = 400) {
  return quoted(std::string_view(text), max_bytes);
}
[[nodiscard]] inline std::string quoted(std::string& text, std::size_t max_bytes = 400) {
  return quoted(std::string_view(text), max_bytes);
}

}  // namespace cavra
