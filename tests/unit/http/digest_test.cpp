#include "http/digest.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "vectors.hpp"

namespace cavra::http {
namespace {

using testing::hex_of;
using testing::outcome;
using testing::run_vectors;
using testing::text_of;

constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

constexpr Wanted kBoth{.sha256 = true, .md5 = true};

PartDigests::Result digests_of(std::string_view text, Wanted wanted) {
  PartDigests digests(wanted);
  digests.update(as_bytes(text));
  return digests.finish();
}

TEST_CASE("MD5 gives RFC 1321's examples") {
  struct Row {
    std::string_view text, md5;
  };
  for (const auto& [text, md5] : {
           Row{"", "d41d8cd98f00b204e9800998ecf8427e"},
           Row{"a", "0cc175b9c0f1b6a831c399e269772661"},
           Row{"abc", "900150983cd24fb0d6963f7d28e17f72"},
           Row{"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
           Row{"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
           Row{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
               "d174ab98d277d9f5a5611c2c9f419d9f"},
           Row{"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
               "57edf4a22be3c955ac49da2e2107b67a"},
       }) {
    CAPTURE(text);
    const auto both = digests_of(text, kBoth);
    CHECK(to_hex(both.md5) == md5);
    CHECK(both.sha256 == sha256(as_bytes(text)));
  }
}

TEST_CASE("what is not wanted is zeros") {
  const auto without_md5 = digests_of("abc", {.sha256 = true});
  CHECK(without_md5.md5 == Md5Digest{});
  CHECK(without_md5.sha256 == sha256(as_bytes("abc")));
  const auto without_sha256 = digests_of("abc", {.md5 = true});
  CHECK(to_hex(without_sha256.md5) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(without_sha256.sha256 == Sha256Digest{});
  CHECK(without_sha256.crc64 == Crc64Digest{});
  const auto crc = digests_of("123456789", {.crc64 = true});
  CHECK(to_base64(crc.crc64) == "iJh5CoYUi64=");
  CHECK(crc.md5 == Md5Digest{});
}

TEST_CASE("nothing at all has digests too") {
  CHECK(to_hex(sha256({})) == kEmptySha256);
  CHECK(to_hex(PartDigests(kBoth).finish().sha256) == kEmptySha256);
  CHECK(to_hex(hmac_sha256({}, {})) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("digests may be moved while bytes come") {
  PartDigests first(kBoth);
  first.update(as_bytes("mess"));
  PartDigests second(std::move(first));
  second.update({});
  second.update(as_bytes("age dig"));
  first = std::move(second);
  first.update(as_bytes("est"));
  const auto result = first.finish();
  CHECK(to_hex(result.md5) == "f96b697d7cb7938d525a2f31aaf161d0");
  CHECK(result.sha256 == sha256(as_bytes("message digest")));
}

// At once, and in pieces of every size up to four blocks.
void check_hash_set(const std::string& file) {
  std::size_t piece = 0;
  run_vectors(file, [&](const JsonValue& row) {
    piece = piece % 256 + 1;
    const auto message = hex_of(row, "msg");
    PartDigests digests(kBoth);
    for (std::span<const std::byte> rest(message); !rest.empty();) {
      const std::size_t taken = std::min(piece, rest.size());
      digests.update(rest.first(taken));
      rest = rest.subspan(taken);
    }
    const std::string expected = text_of(row, "md");
    return outcome(to_hex(digests.finish().sha256) == expected &&
                   to_hex(sha256(message)) == expected);
  });
}

TEST_CASE("SHA-256 agrees with NIST's messages") {
  check_hash_set("hash/SHA256ShortMsg.jsonl");
  check_hash_set("hash/SHA256LongMsg.jsonl");
}

// FIPS 180's Monte Carlo test: m(i) = H(m(i-3) || m(i-2) || m(i-1)), a thousand times a line.
TEST_CASE("SHA-256 agrees with NIST's Monte Carlo chain") {
  const auto text = testing::shared_file("vectors/hash/SHA256Monte.json");
  if (!text) return;
  const auto set = parse_json(*text);
  REQUIRE(set);
  const auto seed_bytes = hex_of(*set, "seed");
  Sha256Digest seed;
  REQUIRE(seed_bytes.size() == seed.size());
  std::ranges::copy(seed_bytes, seed.begin());
  const JsonValue* lines = set->find("md");
  REQUIRE(lines != nullptr);
  REQUIRE(lines->is_array());
  REQUIRE_FALSE(lines->if_array()->empty());
  for (const JsonValue& line : *lines->if_array()) {
    std::array<Sha256Digest, 3> last{seed, seed, seed};
    for (int i = 0; i < 1000; ++i) {
      PartDigests digests({.sha256 = true});
      for (const Sha256Digest& digest : last)
        digests.update(digest);
      last = {last[1], last[2], digests.finish().sha256};
    }
    seed = last[2];
    REQUIRE(to_hex(seed) == *line.if_string());
  }
}

// Tags may be cut: the first bytes of the whole MAC then.
void check_hmac_set(const std::string& file) {
  run_vectors(file, [](const JsonValue& row) {
    if (text_of(row, "id").starts_with("own-sha512"))
      return testing::VectorOutcome::left_out;  // there is no HMAC-SHA512 here
    const auto tag = hex_of(row, "tag");
    const Sha256Digest mac = hmac_sha256(hex_of(row, "key"), hex_of(row, "msg"));
    if (tag.size() > mac.size()) return outcome(false);
    const bool fits = std::ranges::equal(std::span(mac).first(tag.size()), tag);
    return outcome(fits == testing::truth_of(row, "valid"));
  });
}

TEST_CASE("HMAC-SHA256 agrees with RFC 4231, Wycheproof and keys and messages of all lengths") {
  check_hmac_set("hmac/rfc4231_sha256.jsonl");
  check_hmac_set("hmac/wycheproof_sha256.jsonl");
  check_hmac_set("hmac/lengths.jsonl");
}

}  // namespace
}  // namespace cavra::http
