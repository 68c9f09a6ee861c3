#include "trust/key_der.hpp"

#include <algorithm>
#include <string_view>

#include "cavra/support/encoding.hpp"

namespace cavra::trust {

namespace {

template <std::size_t kSize>
using Bytes = std::array<std::byte, kSize>;

template <class... Values>
constexpr Bytes<sizeof...(Values)> bytes_of(Values... values) {
  return {static_cast<std::byte>(values)...};
}

// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING, no unused bits
constexpr auto kPublicHead =
    bytes_of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
// SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING
constexpr auto kPrivateHead = bytes_of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b,
                                       0x65, 0x70, 0x04, 0x22, 0x04, 0x20);

template <std::size_t kHeadSize>
std::optional<std::span<const std::byte, 32>> read_after(const Bytes<kHeadSize>& head,
                                                         std::span<const std::byte> der) {
  if (der.size() != kHeadSize + 32 || !std::ranges::equal(der.first<kHeadSize>(), head))
    return std::nullopt;
  return der.subspan<kHeadSize, 32>();
}

constexpr std::byte kInteger{0x02};
constexpr std::byte kOid{0x06};
constexpr std::byte kSequence{0x30};

// Takes one element with this tag off `der` and gives its content; nothing where there is none.
// Lengths in any definite form: this serves names in messages, not acceptance.
std::optional<std::span<const std::byte>> take(std::span<const std::byte>& der, std::byte tag) {
  if (der.size() < 2 || der[0] != tag) return std::nullopt;
  std::size_t length = std::to_integer<std::size_t>(der[1]);
  std::size_t head = 2;
  if (length >= 0x80) {
    const std::size_t more = length & 0x7f;
    if (more == 0 || more > 4 || der.size() < 2 + more) return std::nullopt;
    length = 0;
    for (; head < 2 + more; ++head)
      length = length << 8 | std::to_integer<std::size_t>(der[head]);
  }
  if (der.size() - head < length) return std::nullopt;
  const auto content = der.subspan(head, length);
  der = der.subspan(head + length);
  return content;
}

// The OID of the key's algorithm: of SubjectPublicKeyInfo, PrivateKeyInfo and, where a private
// key is encrypted, of its encryption.
std::optional<std::span<const std::byte>> algorithm_of(std::span<const std::byte> der) {
  auto outer = take(der, kSequence);
  if (!outer) return std::nullopt;
  take(*outer, kInteger);
  auto algorithm = take(*outer, kSequence);
  if (!algorithm) return std::nullopt;
  return take(*algorithm, kOid);
}

struct KnownAlgorithm {
  std::string_view oid_hex;
  std::string_view name;
};

constexpr std::array kKnownAlgorithms{
    KnownAlgorithm{"2b6571", "an Ed448 key"},                   // RFC 8410: 1.3.101.113
    KnownAlgorithm{"2b656e", "an X25519 key"},                  // 1.3.101.110
    KnownAlgorithm{"2b656f", "an X448 key"},                    // 1.3.101.111
    KnownAlgorithm{"2a864886f70d010101", "an RSA key"},         // RFC 8017
    KnownAlgorithm{"2a864886f70d01010a", "an RSA-PSS key"},     // RFC 8017
    KnownAlgorithm{"2a8648ce3d0201", "an elliptic-curve key"},  // RFC 5480
    KnownAlgorithm{"2a8648ce380401", "a DSA key"},              // RFC 3279
};

// PKCS#5 (RFC 8018) and PKCS#12 (RFC 7292) password-based encryption.
bool is_password_encryption(std::string_view oid_hex) {
  return oid_hex.starts_with("2a864886f70d0105") || oid_hex.starts_with("2a864886f70d010c01");
}

}  // namespace

std::optional<std::span<const std::byte, 32>> read_public_key_der(std::span<const std::byte> der) {
  return read_after(kPublicHead, der);
}

std::array<std::byte, 44> write_public_key_der(std::span<const std::byte, 32> raw) {
  std::array<std::byte, 44> der{};
  std::ranges::copy(raw, std::ranges::copy(kPublicHead, der.begin()).out);
  return der;
}

std::optional<std::span<const std::byte, 32>> read_private_key_der(std::span<const std::byte> der) {
  return read_after(kPrivateHead, der);
}

Secret write_private_key_der(std::span<const std::byte, 32> seed) {
  Secret der(kPrivateHead.size() + seed.size());
  std::ranges::copy(seed, std::ranges::copy(kPrivateHead, der.expose_for_writing().begin()).out);
  return der;
}

DerDescription describe_der(std::span<const std::byte> der) {
  const auto oid = algorithm_of(der);
  if (!oid) return {false, "is not the DER of a key: it is damaged, cut or something else"};
  const std::string oid_hex = to_hex(*oid);
  if (is_password_encryption(oid_hex)) return {true, "is an encrypted private key"};
  for (const auto& [known, name] : kKnownAlgorithms)
    if (oid_hex == known)
      return {false, "is " + std::string(name) + ", and this program uses Ed25519 keys only"};
  if (oid_hex == "2b6570")
    return {false,
            "is an Ed25519 key in another form than RFC 8410's plain one (version 0, no "
            "parameters, no attributes, shortest lengths, nothing after it); rewrite it with "
            "`openssl pkey -in OLD -out NEW`"};
  return {false, "is a key of an algorithm that this program does not know; it uses Ed25519"};
}

}  // namespace cavra::trust
