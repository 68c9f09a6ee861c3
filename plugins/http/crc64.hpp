// CRC-64/NVME of bytes that a plugin sends: a check against accidents on the way, no proof.
//
// Reflected polynomial 0x9A6C9329AC4BC9B5, start and final xor all ones; "123456789" has
// 0xAE8B14860A799888. Azure's x-ms-content-crc64 is its eight bytes, the lowest first.
// https://reveng.sourceforge.io/crc-catalogue/17plus.htm
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cavra::http {

using Crc64Digest = std::array<std::byte, 8>;

// One thread.
class Crc64 {
 public:
  void update(std::span<const std::byte> bytes);
  // Of all so far; the lowest byte first.
  [[nodiscard]] Crc64Digest digest() const;

 private:
  std::uint64_t rest_ = ~std::uint64_t{0};
};

}  // namespace cavra::http
