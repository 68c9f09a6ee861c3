// Reading and writing the structs of cavra/plugin.h by their size, on either side of the line.
//
// Pure functions: any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "cavra/plugin.h"

namespace cavra::abi {

template <class Struct>
concept Sized = std::is_trivially_copyable_v<Struct> && requires(Struct value) {
  requires std::is_same_v<decltype(value.size), std::uint32_t>;
};

// An empty struct of this side's size.
template <Sized Struct>
[[nodiscard]] Struct make() noexcept {
  Struct value{};
  value.size = sizeof(Struct);
  return value;
}

// What the other side gave, in a struct of this side: what its size does not cover is zero or null.
// `size` stays the other side's, for CAVRA_COVERS.
template <Sized Struct>
[[nodiscard]] Struct receive(const Struct& from) noexcept {
  Struct value{};
  std::memcpy(&value, &from, std::min<std::size_t>(from.size, sizeof(Struct)));
  return value;
}

// Writes as much of `value` as the other side's struct covers, and leaves its size alone.
template <Sized Struct>
void deliver(Struct& to, Struct value) noexcept {
  value.size = to.size;
  std::memcpy(&to, &value, std::min<std::size_t>(to.size, sizeof(Struct)));
}

// The text lends what it is made from.
[[nodiscard]] constexpr cavra_str str(std::string_view text) noexcept {
  return {text.data(), text.size()};
}
[[nodiscard]] constexpr std::string_view view(cavra_str text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.len};
}

// The first bytes of `text` that fit, without cutting a character.
[[nodiscard]] constexpr std::string_view clip(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U)
    --most;
  return text.substr(0, most);
}

}  // namespace cavra::abi
