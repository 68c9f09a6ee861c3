// SHA-256, HMAC-SHA-256 and MD5 of bytes that a plugin sends, by Crypto++; and CRC-64.
//
// MD5 and CRC-64 are here because services check them (Content-MD5, ETag, x-ms-content-crc64),
// never as proof of anything. Free functions: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "crc64.hpp"

namespace cavra::http {

using Sha256Digest = std::array<std::byte, 32>;
using Md5Digest = std::array<std::byte, 16>;

[[nodiscard]] Sha256Digest sha256(std::span<const std::byte> bytes);
[[nodiscard]] Sha256Digest hmac_sha256(std::span<const std::byte> key,
                                       std::span<const std::byte> bytes);

// Each costs: MD5 takes two to three times as long as SHA-256 where the processor has that, CRC-64
// a quarter of MD5's.
struct Wanted {
  bool sha256 = false;
  bool md5 = false;
  bool crc64 = false;
};

// Digests of bytes that come in pieces. One thread.
class PartDigests {
 public:
  explicit PartDigests(Wanted wanted);
  ~PartDigests();
  PartDigests(PartDigests&&) noexcept;
  PartDigests& operator=(PartDigests&&) noexcept;

  void update(std::span<const std::byte> bytes);
  struct Result {  // zeros, where it was not asked for
    Sha256Digest sha256{};
    Md5Digest md5{};
    Crc64Digest crc64{};
  };
  // Once.
  [[nodiscard]] Result finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cavra::http
