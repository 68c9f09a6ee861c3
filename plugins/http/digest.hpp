// SHA-256, HMAC-SHA-256 and MD5 of bytes that a plugin sends: by Crypto++.
//
// MD5 is here because services ask for it (Content-MD5, ETag), never as proof of anything. Free
// functions: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace cavra::http {

using Sha256Digest = std::array<std::byte, 32>;
using Md5Digest = std::array<std::byte, 16>;

[[nodiscard]] Sha256Digest sha256(std::span<const std::byte> bytes);
[[nodiscard]] Sha256Digest hmac_sha256(std::span<const std::byte> key,
                                       std::span<const std::byte> bytes);

// Each costs: MD5 takes two to three times as long as SHA-256 where the processor has that.
enum class Wanted { sha256, md5, both };

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
  };
  // Once.
  [[nodiscard]] Result finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cavra::http
