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

// A message in pieces of one length; it may be gone through any number of times.
class Pieces final : public MessageSource {
 public:
  Pieces(std::string_view text, std::size_t bytes) : text_(text), bytes_(bytes) {}
  std::string_view next() override {
    const std::string_view piece = text_.substr(at_, bytes_);
    at_ += piece.size();
    return piece;
  }
  void rewind() override {
    at_ = 0;
    ++rewound;
  }
  int rewound = 0;

 private:
  std::string_view text_;
  std::size_t bytes_;
  std::size_t at_ = 0;
};

TEST_CASE("a message in pieces has the signature of the whole, wherever it was read to before") {
  const auto signers = [] {
    std::vector<std::unique_ptr<Signer>> made;
    made.push_back(make_ed25519_signer(test_key("pieces"), ""));
    made.push_back(make_hmac_signer(secret_of("a key of some length")));
    return made;
  }();
  for (const std::size_t length : {0, 1, 4095, 4096, 4097, 20'000}) {
    std::string text;
    while (text.size() < length)
      text += static_cast<char>(text.size() * 7);
    for (const std::size_t bytes : {1, 100, 4096, 100'000}) {
      CAPTURE(length);
      CAPTURE(bytes);
      for (const auto& signer : signers) {
        Pieces pieces(text, bytes);
        (void)pieces.next();
        const auto signature = must(signer->sign_pieces(pieces));
        CHECK(signature == must(signer->sign(as_bytes(text))));
        CHECK(pieces.rewound >= 1);
      }
    }
  }
}

}  // namespace
}  // namespace cavra
