// Hasher is the interface of a message digest; Digest is what it gives.
//
// A Hasher belongs to one thread at a time; Digest is a plain value.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cavra/support/secret.hpp"

namespace cavra {

// Up to 64 bytes: SHA-256 has 32, SHA-512 has 64. Bytes past `size` are zero.
struct Digest {
  std::array<std::byte, 64> bytes{};
  std::size_t size = 0;

  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {bytes.data(), size}; }
  // Lower-case hex.
  [[nodiscard]] std::string hex() const;
  // 64 or 128 lower-case hex digits, else nothing.
  [[nodiscard]] static std::optional<Digest> from_hex(std::string_view text);

  friend bool operator==(const Digest&, const Digest&) = default;
};

class Hasher {
 public:
  virtual ~Hasher() = default;
  // "SHA-256", "SHA-512".
  [[nodiscard]] virtual std::string_view name() const = 0;
  virtual void update(std::span<const std::byte> data) = 0;
  // The digest of all since the last finish(); the hasher starts anew.
  [[nodiscard]] virtual Digest finish() = 0;
};

// Makes one hasher for the thread that asks. Callable from any thread.
using HasherFactory = std::function<std::unique_ptr<Hasher>()>;

// FIPS 180-4.
[[nodiscard]] std::unique_ptr<Hasher> make_sha256();
[[nodiscard]] std::unique_ptr<Hasher> make_sha512();
[[nodiscard]] Digest sha256(std::span<const std::byte> data);
[[nodiscard]] Digest sha256(std::string_view text);

// RFC 2104 with SHA-256; any key length.
[[nodiscard]] Digest hmac_sha256(const Secret& key, std::span<const std::byte> data);
// Equal, in time that does not depend on where they differ.
[[nodiscard]] bool equal_constant_time(std::span<const std::byte> a, std::span<const std::byte> b);

}  // namespace cavra
