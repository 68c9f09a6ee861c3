#include "cavra/hasher.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "trust/trust_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::hex_of;
using testing::outcome;
using testing::run_vectors;
using testing::text_of;

constexpr std::string_view kAbcSha256 =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-4's example

TEST_CASE("a hasher tells its name and starts anew after finish") {
  const auto hasher = make_sha256();
  CHECK(hasher->name() == "SHA-256");
  CHECK(make_sha512()->name() == "SHA-512");
  hasher->update(as_bytes("a"));
  hasher->update({});
  hasher->update(as_bytes("bc"));
  CHECK(hasher->finish().hex() == kAbcSha256);
  hasher->update(as_bytes("abc"));
  CHECK(hasher->finish().hex() == kAbcSha256);
  CHECK(hasher->finish() == sha256(""));
}

TEST_CASE("sha256 takes text and bytes, and nothing at all") {
  CHECK(sha256("abc").hex() == kAbcSha256);
  CHECK(sha256(as_bytes("abc")) == sha256("abc"));
  CHECK(sha256(std::span<const std::byte>()).hex() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("Digest::from_hex takes 64 or 128 lower-case digits") {
  struct Row {
    std::string text;
    std::size_t bytes;  // 0: refused
  };
  const std::array rows{
      Row{std::string(kAbcSha256), 32},
      Row{std::string(128, '0'), 64},
      Row{"", 0},
      Row{std::string(63, '0'), 0},
      Row{std::string(65, '0'), 0},
      Row{std::string(40, '0'), 0},
      Row{"BA" + std::string(62, '0'), 0},
      Row{"g" + std::string(63, '0'), 0},
      Row{"0x" + std::string(62, '0'), 0},
      Row{std::string(129, '0'), 0},
      Row{std::string(63, '0') + '\n', 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto digest = Digest::from_hex(row.text);
    REQUIRE(digest.has_value() == (row.bytes != 0));
    if (digest) CHECK(digest->size == row.bytes);
    if (digest) CHECK(digest->hex() == row.text);
  }
}

TEST_CASE("equal_constant_time compares all bytes and the length") {
  CHECK(equal_constant_time({}, {}));
  CHECK(equal_constant_time(as_bytes("tag"), as_bytes("tag")));
  CHECK_FALSE(equal_constant_time(as_bytes("tag"), as_bytes("tag ")));
  CHECK_FALSE(equal_constant_time(as_bytes("tag"), {}));
  for (std::size_t i = 0; i < 32; ++i) {
    CAPTURE(i);
    Digest changed = sha256("x");
    changed.bytes[i] ^= std::byte{0x80};
    CHECK_FALSE(equal_constant_time(changed.span(), sha256("x").span()));
  }
}

// The message in pieces of every size up to twice a block, so that buffering shows.
void check_hash_set(const std::string& file, const HasherFactory& make) {
  std::size_t piece = 0;
  run_vectors(file, [&](const JsonValue& row) {
    piece = piece % 256 + 1;
    const auto message = hex_of(row, "msg");
    const auto hasher = make();
    std::span<const std::byte> rest(message);
    while (!rest.empty()) {
      const std::size_t taken = std::min(piece, rest.size());
      hasher->update(rest.first(taken));
      rest = rest.subspan(taken);
    }
    return outcome(hasher->finish().hex() == text_of(row, "md"));
  });
}

TEST_CASE("SHA-256 and SHA-512 agree with NIST's messages") {
  check_hash_set("hash/SHA256ShortMsg.jsonl", make_sha256);
  check_hash_set("hash/SHA256LongMsg.jsonl", make_sha256);
  check_hash_set("hash/SHA512ShortMsg.jsonl", make_sha512);
  check_hash_set("hash/SHA512LongMsg.jsonl", make_sha512);
}

// FIPS 180's Monte Carlo test: m(i) = H(m(i-3) || m(i-2) || m(i-1)), a thousand times a line.
void check_monte_carlo(const std::string& file, Hasher& hasher) {
  const auto text = testing::shared_file("vectors/" + file);
  if (!text) return;
  const JsonValue set = testing::must(parse_json(*text));
  auto seed = testing::must(Result<Digest>(*Digest::from_hex(text_of(set, "seed"))));
  const JsonValue* lines = set.find("md");
  REQUIRE(lines != nullptr);
  REQUIRE(lines->is_array());
  CHECK(lines->if_array()->size() >= 10);
  for (const JsonValue& line : *lines->if_array()) {
    std::array<Digest, 3> last{seed, seed, seed};
    for (int i = 0; i < 1000; ++i) {
      for (const Digest& digest : last)
        hasher.update(digest.span());
      last = {last[1], last[2], hasher.finish()};
    }
    seed = last[2];
    REQUIRE(seed.hex() == *line.if_string());
  }
}

TEST_CASE("SHA-256 and SHA-512 agree with NIST's Monte Carlo chains") {
  check_monte_carlo("hash/SHA256Monte.json", *make_sha256());
  check_monte_carlo("hash/SHA512Monte.json", *make_sha512());
}

// Tags may be cut: the first bytes of the whole MAC then.
void check_hmac_set(const std::string& file) {
  run_vectors(file, [](const JsonValue& row) {
    if (text_of(row, "id").starts_with("own-sha512"))
      return testing::VectorOutcome::left_out;  // there is no HMAC-SHA512 here
    const auto tag = hex_of(row, "tag");
    const Digest mac = hmac_sha256(Secret(hex_of(row, "key")), hex_of(row, "msg"));
    if (mac.size != 32 || tag.size() > mac.size) return outcome(false);
    const bool fits = equal_constant_time(mac.span().first(tag.size()), tag);
    return outcome(fits == testing::truth_of(row, "valid"));
  });
}

TEST_CASE("HMAC-SHA256 agrees with RFC 4231, Wycheproof and keys and messages of all lengths") {
  check_hmac_set("hmac/rfc4231_sha256.jsonl");
  check_hmac_set("hmac/wycheproof_sha256.jsonl");
  check_hmac_set("hmac/lengths.jsonl");
}

TEST_CASE("HMAC-SHA256 gives RFC 4231's second example, and takes an empty message") {
  const Secret key = testing::secret_of("Jefe");
  CHECK(hmac_sha256(key, as_bytes("what do ya want for nothing?")).hex() ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_sha256(Secret(), {}).hex() ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

}  // namespace
}  // namespace cavra
