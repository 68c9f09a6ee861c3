// Key files in PEM and DER: what is taken, and how the rest is named.
#include <doctest/doctest.h>

#include <array>
#include <optional>

#include "cavra/keys.hpp"
#include "trust/pem.hpp"
#include "trust/trust_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::contains;
using testing::hex_of;
using testing::outcome;
using testing::secret_of;
using testing::test_key;
using testing::text_of;

// What loading a case of keys.jsonl gave.
struct Loaded {
  bool is_right_value = false;
  std::optional<Error> error;
};

Loaded load(const JsonValue& row) {
  const auto data = testing::base64_of(row, "data_b64");
  const bool is_pem = text_of(row, "form") == "PEM";
  const auto is_public_key = [&](const PublicKey& key) {
    return row.find("public") == nullptr || std::ranges::equal(key.raw(), hex_of(row, "public"));
  };
  if (text_of(row, "kind") == "public") {
    const auto key =
        is_pem ? PublicKey::from_pem(as_text(data), "case") : PublicKey::from_der(data, "case");
    if (!key) return {false, key.error()};
    return {is_public_key(*key), std::nullopt};
  }
  const auto key =
      is_pem ? PrivateKey::from_pem(Secret(data), "case") : PrivateKey::from_der(data, "case");
  if (!key) return {false, key.error()};
  const auto wanted = PrivateKey::from_seed(hex_of(row, "seed"));
  return {wanted && is_public_key(key->public_key()) &&
              std::ranges::equal(key->pem().expose(), wanted->pem().expose()),
          std::nullopt};
}

TEST_CASE("key files are taken and refused as the public set asks") {
  testing::run_vectors("keys/keys.jsonl", [](const JsonValue& row) {
    const std::string verdict = text_of(row, "verdict");
    const Loaded loaded = load(row);
    if (verdict == "accept") return outcome(loaded.is_right_value);
    if (verdict == "either") return outcome(loaded.error || loaded.is_right_value);
    if (!loaded.error) return outcome(false);
    if (verdict == "refuse_without_password")
      return outcome(loaded.error->code == ErrorCode::unsupported &&
                     contains(loaded.error->message, "encrypted"));
    return outcome(verdict == "refuse");
  });
}

TEST_CASE("a private key is read as it was written") {
  const PrivateKey key = test_key("a");
  const Secret pem = key.pem();
  CHECK(pem.size() == 119);
  const auto again = PrivateKey::from_pem(pem, "a.pem");
  REQUIRE(again);
  CHECK(again->public_key() == key.public_key());
  CHECK(again->sign(as_bytes("x")) == key.sign(as_bytes("x")));
}

TEST_CASE("RFC 8410's private key gives RFC 8410's public key") {
  // Sections 10.1 and 10.3.
  const auto key = PrivateKey::from_pem(secret_of("-----BEGIN PRIVATE KEY-----\n"
                                                  "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/"
                                                  "nwoy/HU++CXqI9EdVhC\n"
                                                  "-----END PRIVATE KEY-----\n"),
                                        "rfc.pem");
  REQUIRE(key);
  CHECK(to_hex(key->public_key().raw()) ==
        "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
}

TEST_CASE("PKCS#8 of version 1, with attributes and a public key, is refused as OpenSSL does") {
  // RFC 8410, section 10.3, its second key.
  const auto key = PrivateKey::from_pem(
      secret_of("-----BEGIN PRIVATE KEY-----\n"
                "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n"
                "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                "-----END PRIVATE KEY-----\n"),
      "rfc.pem");
  REQUIRE_FALSE(key);
  CHECK(key.error().code == ErrorCode::corrupt);
  CHECK(contains(key.error().message, "an Ed25519 key in another form"));
}

TEST_CASE("generate gives another key each time") {
  const PrivateKey one = testing::must(PrivateKey::generate());
  const PrivateKey two = testing::must(PrivateKey::generate());
  CHECK(one.public_key() != two.public_key());
  CHECK(one.public_key().verifies(as_bytes("x"), one.sign(as_bytes("x"))));
}

TEST_CASE("from_seed wants 32 bytes") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{33}}) {
    const auto key = PrivateKey::from_seed(std::vector<std::byte>(size));
    REQUIRE_FALSE(key);
    CHECK(key.error().code == ErrorCode::corrupt);
  }
}

const std::string kPublicPem = test_key("a").public_key().pem();
const std::string kPrivatePem(as_text(test_key("a").pem().expose()));

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a public key file that is something else is named for what it is") {
  const std::string der_key(as_text(test_key("a").public_key().raw()));
  struct Row {
    std::string text;
    std::string_view says;
  };
  const std::array rows{
      Row{"", "is empty"},
      Row{"\n\n", "does not begin with a PEM line"},
      Row{"\xef\xbb\xbf" + kPublicPem, "byte order mark"},
      Row{"0*0\x05" + der_key, "is DER or other binary data"},
      Row{"ssh-ed25519 AAAA me@here\n", "is an OpenSSH public key"},
      Row{"my key\n" + kPublicPem, "remove any text before the key"},
      Row{kPublicPem + "the end\n", "something after the PEM block"},
      Row{kPublicPem + kPublicPem, "more than one PEM block"},
      Row{kPrivatePem, "is a private key, where an Ed25519 public key"},
      Row{with(kPublicPem, "END PUBLIC", "END PRIVATE"), "an END line that differs"},
      Row{with(kPublicPem, "-----END PUBLIC KEY-----\n", ""), "the file is cut off"},
      Row{with(kPublicPem, "MCow", "MC*w"), "not base64"},
      Row{with(kPublicPem, "MCow", " MCow"), "not base64"},
      Row{with(kPublicPem, "MCow", "\nMCow"), "not 64 characters long"},
      Row{with(kPublicPem, "MCow", "MCow\n"), "not 64 characters long"},
      Row{with(kPublicPem, "\n-----END", "\n\n-----END"), "not 64 characters long"},
      Row{with(kPublicPem, "MCow", "Comment: mine\nMCow"), "header lines"},
      Row{"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "not base64"},
      Row{"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", "not the DER of a key"},
      Row{"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "is a certificate"},
      Row{"-----BEGIN X\x1b[2JY-----\nMAA=\n-----END X\x1b[2JY-----\n", "X\\u001b[2JY"},
      Row{"-----BEGIN -----\nMAA=\n-----END -----\n", "does not begin with a PEM line"},
      Row{"-----BEGIN PUBLIC KEY-----", "the file is cut off"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto key = PublicKey::from_pem(row.text, "some\n.pem");
    REQUIRE_FALSE(key);
    CAPTURE(key.error().message);
    CHECK(key.error().code == ErrorCode::corrupt);
    CHECK(key.error().message.starts_with("some\\u000a.pem: "));
    CHECK(contains(key.error().message, row.says));
  }
}

TEST_CASE("a private key file that is something else is named for what it is") {
  struct Row {
    std::string text;
    ErrorCode code;
    std::string_view says;
  };
  const auto block = [](std::string_view label, std::string_view body) {
    std::string text(as_text(trust::encode_pem(label, as_bytes(body)).expose()));
    return text;
  };
  const std::string encrypted_der(
      "\x30\x0f\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x04\x00", 17);
  const std::array rows{
      Row{kPublicPem, ErrorCode::corrupt, "is a public key, where an Ed25519 private key"},
      Row{block("PRIVATE KEY", as_text(trust::decode_pem(kPublicPem, "")->body.expose())),
          ErrorCode::corrupt, "is a public key, where"},
      Row{block("ENCRYPTED PRIVATE KEY", encrypted_der), ErrorCode::unsupported, "encrypted"},
      Row{block("PRIVATE KEY", encrypted_der), ErrorCode::unsupported, "encrypted"},
      Row{"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n"
          "AAAA\n-----END RSA PRIVATE KEY-----\n",
          ErrorCode::unsupported, "openssl pkey -in OLD -out NEW"},
      Row{block("RSA PRIVATE KEY", "x"), ErrorCode::corrupt, "an RSA private key (PKCS#1)"},
      Row{block("EC PRIVATE KEY", "x"), ErrorCode::corrupt, "(SEC 1)"},
      Row{block("OPENSSH PRIVATE KEY", "x"), ErrorCode::corrupt, "an OpenSSH private key"},
      // SEQUENCE { INTEGER 0, SEQUENCE { OID Ed448 } }, then one with Ed25519.
      Row{block("PRIVATE KEY", std::string("0\x0a\x02\x01\x00"
                                           "0\x05\x06\x03+eq",
                                           12)),
          ErrorCode::corrupt, "is an Ed448 key"},
      Row{block("PRIVATE KEY", std::string("0\x0a\x02\x01\x00"
                                           "0\x05\x06\x03+ep",
                                           12)),
          ErrorCode::corrupt, "another form than RFC 8410's"},
      Row{block("PRIVATE KEY", std::string("0\x0a\x02\x01\x00"
                                           "0\x05\x06\x03+ex",
                                           12)),
          ErrorCode::corrupt, "does not know"},
      Row{block("PRIVATE KEY", std::string("0\x84\xff\xff\xff\xff", 6)), ErrorCode::corrupt,
          "not the DER of a key"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says);
    const auto key = PrivateKey::from_pem(secret_of(row.text), "a.pem");
    REQUIRE_FALSE(key);
    CAPTURE(key.error().message);
    CHECK(key.error().code == row.code);
    CHECK(contains(key.error().message, row.says));
  }
}

TEST_CASE("no message of a private key tells a part of its body") {
  const std::string body = "MC4CAQAwBQYDK2VwBCIE";
  REQUIRE(contains(kPrivatePem, body));
  for (const std::string& text :
       {with(kPrivatePem, "-----END", "----END"), with(kPrivatePem, "MC4C", "MC4*"),
        with(kPrivatePem, "BEGIN PRIVATE", "BEGIN PUBLIC"), kPrivatePem + "more",
        with(kPrivatePem, "MC4C", "\nMC4C"), kPrivatePem.substr(0, 80)}) {
    CAPTURE(text);
    const auto key = PrivateKey::from_pem(secret_of(text), "a.pem");
    REQUIRE_FALSE(key);
    CHECK_FALSE(contains(key.error().message, "AQAwBQYDK2Vw"));
  }
}

TEST_CASE("encode_pem breaks lines at 64 and pads, and decode_pem gives the bytes back") {
  for (std::size_t size = 1; size < 200; ++size) {
    CAPTURE(size);
    std::vector<std::byte> body(size);
    for (std::size_t i = 0; i < size; ++i)
      body[i] = static_cast<std::byte>(i * 37);
    const Secret pem = trust::encode_pem("SOME THING", body);
    const auto block = trust::decode_pem(as_text(pem.expose()), "x");
    REQUIRE(block);
    CHECK(block->label == "SOME THING");
    CHECK(std::ranges::equal(block->body.expose(), body));
    std::string joined(as_text(pem.expose()));
    CHECK(std::ranges::count(joined, '\n') == static_cast<long>(2 + (size + 47) / 48));
    std::erase(joined, '\n');
    CHECK(contains(joined, "-----" + to_base64(body) + "-----"));
  }
}

TEST_CASE("base64 with spare bits or other padding is another spelling, and refused") {
  for (const char* body : {"AA=A", "A===", "====", "AB==", "AAB=", "AAA", "AA", "AA-_"}) {
    CAPTURE(body);
    const std::string text = std::string("-----BEGIN X-----\n") + body + "\n-----END X-----\n";
    CHECK_FALSE(trust::decode_pem(text, "x"));
  }
}

}  // namespace
}  // namespace cavra
