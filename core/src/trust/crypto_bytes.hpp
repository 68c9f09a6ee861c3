// std::byte to Crypto++'s byte and back: the one place with these casts.
#pragma once

#include <cryptopp/config_int.h>

#include <cstddef>
#include <span>

namespace cavra::trust {

// Never null, so that an empty span can be passed where a library asserts on null.
inline const CryptoPP::byte* crypto_data(std::span<const std::byte> bytes) noexcept {
  static constexpr CryptoPP::byte kNothing = 0;
  return bytes.empty() ? &kNothing : reinterpret_cast<const CryptoPP::byte*>(bytes.data());
}

template <std::size_t kSize>
CryptoPP::byte* crypto_data(std::array<std::byte, kSize>& bytes) noexcept {
  return reinterpret_cast<CryptoPP::byte*>(bytes.data());
}

}  // namespace cavra::trust
