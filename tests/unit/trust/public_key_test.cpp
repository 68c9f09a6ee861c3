#include <doctest/doctest.h>

#include <array>

#include "cavra/keys.hpp"
#include "trust/ed25519_checks.hpp"
#include "trust/trust_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::hex_of;
using testing::outcome;
using testing::run_vectors;
using testing::test_key;
using testing::truth_of;

// 32 bytes little-endian from big-endian hex digits, as the papers print numbers.
std::vector<std::byte> little_endian(std::string_view digits) {
  auto bytes = testing::must(Result(*from_hex(digits)));
  return {bytes.rbegin(), bytes.rend()};
}

bool verifies(const JsonValue& row) {
  const auto key = PublicKey::from_raw(hex_of(row, "key"), "vector");
  return key && key->verifies(hex_of(row, "msg"), hex_of(row, "sig"));
}

TEST_CASE("Ed25519 verification is strict, as Wycheproof, CCTV, speccheck and edge cases ask") {
  for (const char* file : {"ed25519/wycheproof.jsonl", "ed25519/cctv.jsonl",
                           "ed25519/speccheck.jsonl", "ed25519/edge_cases.jsonl"})
    run_vectors(file, [](const JsonValue& row) {
      return outcome(verifies(row) == truth_of(row, "strict"));
    });
}

TEST_CASE("Ed25519 keys and signatures agree with the authors' and OpenSSL's") {
  run_vectors("ed25519/sign_verify.jsonl", [](const JsonValue& row) {
    const auto key = PrivateKey::from_seed(hex_of(row, "seed"));
    if (!key) return outcome(false);
    const auto message = hex_of(row, "msg");
    const auto signature = hex_of(row, "sig");
    return outcome(std::ranges::equal(key->public_key().raw(), hex_of(row, "key")) &&
                   std::ranges::equal(key->sign(message), signature) &&
                   key->public_key().verifies(message, signature));
  });
}

TEST_CASE("a signature holds for its message and key alone") {
  const PrivateKey key = test_key("a");
  const auto signature = key.sign(as_bytes("message"));
  CHECK(key.public_key().verifies(as_bytes("message"), signature));
  CHECK(key.sign(as_bytes("message")) == signature);
  CHECK_FALSE(key.public_key().verifies(as_bytes("Message"), signature));
  CHECK_FALSE(key.public_key().verifies({}, signature));
  CHECK_FALSE(test_key("b").public_key().verifies(as_bytes("message"), signature));
  CHECK(key.public_key().verifies({}, key.sign({})));
  for (std::size_t i = 0; i < 64; ++i) {
    CAPTURE(i);
    auto changed = signature;
    changed[i] ^= std::byte{1};
    CHECK_FALSE(key.public_key().verifies(as_bytes("message"), changed));
  }
}

TEST_CASE("a signature of another length than 64 never holds") {
  const PrivateKey key = test_key("a");
  const auto signature = key.sign(as_bytes("message"));
  std::vector<std::byte> longer(signature.begin(), signature.end());
  longer.push_back({});
  for (const std::size_t size : {std::size_t{0}, std::size_t{32}, std::size_t{63}, std::size_t{65}})
    CHECK_FALSE(key.public_key().verifies(as_bytes("message"), std::span(longer).first(size)));
}

TEST_CASE("a second spelling of a signature, with L added to S, does not hold") {
  const PrivateKey key = test_key("a");
  auto signature = key.sign(as_bytes("message"));
  const auto order =
      little_endian("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
    signature[32 + i] = static_cast<std::byte>(carry);
    carry >>= 8;
  }
  CHECK_FALSE(key.public_key().verifies(as_bytes("message"), signature));
}

TEST_CASE("is_ed25519_scalar takes what is below L") {
  struct Row {
    std::string_view number;
    bool is_scalar;
  };
  static constexpr std::array rows{
      Row{"0000000000000000000000000000000000000000000000000000000000000000", true},
      Row{"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ec", true},
      Row{"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", false},
      Row{"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ee", false},
      Row{"1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false},
      Row{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.number);
    const auto bytes = little_endian(row.number);
    CHECK(trust::is_ed25519_scalar(std::span(bytes).first<32>()) == row.is_scalar);
  }
}

TEST_CASE("from_raw takes points of the curve in their one spelling, and none of small order") {
  struct Row {
    std::string_view key;    // as bytes
    std::string_view error;  // part of the message; empty: taken
  };
  static constexpr std::array rows{
      Row{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", ""},
      // The base point, and its negative.
      Row{"5866666666666666666666666666666666666666666666666666666666666666", ""},
      Row{"58666666666666666666666666666666666666666666666666666666666666e6", ""},
      // Orders 1, 2, 4 and 8, with both signs.
      Row{"0100000000000000000000000000000000000000000000000000000000000000", "small order"},
      Row{"0100000000000000000000000000000000000000000000000000000000000080", "small order"},
      Row{"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "small order"},
      Row{"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "small order"},
      Row{"0000000000000000000000000000000000000000000000000000000000000000", "small order"},
      Row{"0000000000000000000000000000000000000000000000000000000000000080", "small order"},
      Row{"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "small order"},
      Row{"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "small order"},
      Row{"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "small order"},
      Row{"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "small order"},
      // y = p, p + 1 and 2^255 - 1.
      Row{"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "not below"},
      Row{"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "not below"},
      Row{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "not below"},
      Row{"0200000000000000000000000000000000000000000000000000000000000000", "no point"},
      Row{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751", "31 bytes"},
      Row{"", "0 bytes"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.key);
    const auto raw = *from_hex(row.key);
    const auto key = PublicKey::from_raw(raw, "a.pem");
    REQUIRE(static_cast<bool>(key) == row.error.empty());
    if (key) {
      CHECK(std::ranges::equal(key->raw(), raw));
      continue;
    }
    CHECK(key.error().code == ErrorCode::corrupt);
    CHECK(key.error().message.starts_with("a.pem: "));
    CHECK(contains(key.error().message, row.error));
  }
}

TEST_CASE("the PEM has 113 bytes, and the fingerprint is the SHA-256 of that text") {
  // RFC 8410, section 10.1.
  constexpr std::string_view kPem =
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
      "-----END PUBLIC KEY-----\n";
  const auto key = PublicKey::from_pem(kPem, "rfc.pem");
  REQUIRE(key);
  CHECK(key->pem() == kPem);
  CHECK(key->pem().size() == 113);
  CHECK(key->fingerprint() == sha256(kPem).hex());

  std::string with_crlf;
  for (const char c : kPem)
    with_crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto same = PublicKey::from_pem(with_crlf, "rfc.pem");
  REQUIRE(same);
  CHECK(*same == *key);
  CHECK(same->fingerprint() == key->fingerprint());
}

}  // namespace
}  // namespace cavra
