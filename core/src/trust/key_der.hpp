// The DER of an Ed25519 key: RFC 8410's two shapes, and names for what is something else.
//
// Each shape has one spelling only (version 0, no parameters, no attributes, shortest lengths), so
// reading is a comparison with a fixed head. Pure functions: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "cavra/support/secret.hpp"

namespace cavra::trust {

// SubjectPublicKeyInfo (RFC 8410, section 4). The 32 bytes lie in `der`; nothing where it is
// another shape.
[[nodiscard]] std::optional<std::span<const std::byte, 32>> read_public_key_der(
    std::span<const std::byte> der);
[[nodiscard]] std::array<std::byte, 44> write_public_key_der(std::span<const std::byte, 32> raw);

// PKCS#8's PrivateKeyInfo (RFC 8410, section 7), version 0.
[[nodiscard]] std::optional<std::span<const std::byte, 32>> read_private_key_der(
    std::span<const std::byte> der);
[[nodiscard]] Secret write_private_key_der(std::span<const std::byte, 32> seed);

// What DER that is none of ours is, as far as its first members tell.
struct DerDescription {
  bool is_encrypted = false;  // PKCS#8's EncryptedPrivateKeyInfo
  std::string text;           // "is an RSA key, and …": goes after the file's name
};
[[nodiscard]] DerDescription describe_der(std::span<const std::byte> der);

}  // namespace cavra::trust
