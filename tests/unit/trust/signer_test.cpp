#include "cavra/signer.hpp"

#include <doctest/doctest.h>

#include "trust/trust_test_data.hpp"

namespace cavra {
namespace {

using testing::must;
using testing::secret_of;
using testing::test_key;

TEST_CASE("an Ed25519 signer signs under its key id and fingerprint") {
  const PublicKey key = test_key("a").public_key();
  const auto signer = make_ed25519_signer(test_key("a"), "prod");
  CHECK(signer->key_id() == "prod");
  CHECK(signer->algorithm() == "Ed25519");
  const Signature signature = must(signer->sign(as_bytes("text")));
  CHECK(signature.algorithm == "Ed25519");
  CHECK(signature.key_id == "prod");
  CHECK(signature.public_key_sha256 == key.fingerprint());
  CHECK(key.verifies(as_bytes("text"), signature.value));
  CHECK(signature.value_text() == to_base64(signature.value));
  CHECK(signature.value_text().size() == 88);
}

TEST_CASE("an Ed25519 signer without a key id takes the fingerprint's first 16 digits") {
  const auto signer = make_ed25519_signer(test_key("a"), "");
  CHECK(signer->key_id() == test_key("a").public_key().fingerprint().substr(0, 16));
  CHECK(must(signer->sign({})).key_id == signer->key_id());
}

TEST_CASE("an HMAC signer names no key, and writes base64") {
  const auto signer = make_hmac_signer(secret_of("Jefe"));
  CHECK(signer->key_id().empty());
  CHECK(signer->algorithm() == "HS256");
  const Signature signature = must(signer->sign(as_bytes("what do ya want for nothing?")));
  CHECK(signature.algorithm == "HS256");
  CHECK(signature.key_id.empty());
  CHECK(signature.public_key_sha256.empty());
  CHECK(signature.value_text() == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");  // RFC 4231
}

TEST_CASE("a digest signer writes the SHA-256 in hex") {
  const auto signer = make_digest_signer();
  CHECK(signer->key_id().empty());
  CHECK(signer->algorithm() == "SHA256");
  const Signature signature = must(signer->sign(as_bytes("text")));
  CHECK(signature.algorithm == "SHA256");
  CHECK(signature.value_text() == sha256("text").hex());
}

}  // namespace
}  // namespace cavra
