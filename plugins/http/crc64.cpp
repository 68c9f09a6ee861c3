#include "crc64.hpp"

#include <bit>
#include <cstring>

namespace cavra::http {
namespace {

constexpr std::uint64_t kPolynomial = 0x9A6C9329AC4BC9B5;
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kLanes = 2 * kWord;
using Tables = std::array<std::array<std::uint64_t, 256>, kLanes>;

// Table n: what a byte has become n bytes later.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t rest = byte;
    for (int bit = 0; bit < 8; ++bit)
      rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = rest;
  }
  for (std::size_t lane = 1; lane < kLanes; ++lane)
    for (std::size_t byte = 0; byte < 256; ++byte)
      tables[lane][byte] = (tables[lane - 1][byte] >> 8) ^ tables[0][tables[lane - 1][byte] & 0xFF];
  return tables;
}

constexpr Tables kTables = make_tables();

// The lowest byte first, on every machine.
std::uint64_t load(const std::byte* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

}  // namespace

// Sixteen bytes at a time (Kounavis and Berry, 2005): one at a time is six times as slow.
void Crc64::update(std::span<const std::byte> bytes) {
  std::uint64_t rest = rest_;
  while (bytes.size() >= kLanes) {
    const std::uint64_t first = rest ^ load(bytes.data());
    const std::uint64_t second = load(bytes.data() + kWord);
    rest = 0;
#pragma GCC unroll 8
    for (std::size_t lane = 0; lane < kWord; ++lane)
      rest ^= kTables[kLanes - 1 - lane][(first >> (8 * lane)) & 0xFF] ^
              kTables[kWord - 1 - lane][(second >> (8 * lane)) & 0xFF];
    bytes = bytes.subspan(kLanes);
  }
  for (const std::byte byte : bytes)
    rest = (rest >> 8) ^ kTables[0][(rest ^ std::to_integer<std::uint64_t>(byte)) & 0xFF];
  rest_ = rest;
}

Crc64Digest Crc64::digest() const {
  Crc64Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::byte>((~rest_ >> (8 * i)) & 0xFF);
  return digest;
}

}  // namespace cavra::http
