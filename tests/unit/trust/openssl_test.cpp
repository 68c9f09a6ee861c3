// A stranger's program reads our keys and checks our signatures, and the other way round.
#include <doctest/doctest.h>

#include <cstdlib>
#include <iostream>

#include "cavra/keys.hpp"
#include "trust/trust_test_data.hpp"
#include "vectors.hpp"

namespace cavra {
namespace {

using testing::must;
using testing::TemporaryFolder;
using testing::test_key;

// Runs openssl in the folder; arguments are ours alone. True where it exits with 0.
bool openssl(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string command =
      "cd '" + folder.file("") + "' && openssl " + arguments + " >out.txt 2>err.txt";
  return std::system(command.c_str()) == 0;  // NOLINT(cert-env33-c): a test, without foreign text
}

bool has_openssl(const TemporaryFolder& folder) {
  if (openssl(folder, "version")) return true;
  std::cout << "openssl: left out, no such program\n";
  if (testing::must_run("openssl")) FAIL_CHECK("openssl is missing, and it must run");
  return false;
}

void write_private(const TemporaryFolder& folder, const PrivateKey& key) {
  folder.write("private.pem", as_text(key.pem().expose()));
}

TEST_CASE("openssl reads a key made here, and writes the same PEM") {
  const TemporaryFolder folder;
  if (!has_openssl(folder)) return;
  const PrivateKey key = must(PrivateKey::generate());
  write_private(folder, key);
  REQUIRE(openssl(folder, "pkey -in private.pem -out again.pem"));
  CHECK(folder.read("again.pem") == folder.read("private.pem"));
  REQUIRE(openssl(folder, "pkey -in private.pem -pubout -out public.pem"));
  CHECK(folder.read("public.pem") == key.public_key().pem());
  REQUIRE(openssl(folder, "dgst -sha256 -r public.pem"));
  CHECK(folder.read("out.txt").starts_with(key.public_key().fingerprint()));
}

TEST_CASE("openssl verifies a signature made here, and not over other bytes") {
  const TemporaryFolder folder;
  if (!has_openssl(folder)) return;
  const PrivateKey key = must(PrivateKey::generate());
  folder.write("public.pem", key.public_key().pem());
  folder.write("message", "what was allowed");
  folder.write("other", "what was allowed?");
  folder.write("signature", as_text(key.sign(as_bytes("what was allowed"))));
  const std::string verify = "pkeyutl -verify -pubin -inkey public.pem -rawin -sigfile signature ";
  CHECK(openssl(folder, verify + "-in message"));
  CHECK_FALSE(openssl(folder, verify + "-in other"));
}

TEST_CASE("a key and a signature made by openssl hold here") {
  const TemporaryFolder folder;
  if (!has_openssl(folder)) return;
  REQUIRE(openssl(folder, "genpkey -algorithm ed25519 -out private.pem"));
  folder.write("message", "what was allowed");
  REQUIRE(openssl(folder, "pkeyutl -sign -inkey private.pem -rawin -in message -out signature"));
  const auto key = PrivateKey::from_pem(
      must(read_secret_file(folder.file("private.pem"), kMaxKeyFileBytes, true)), "private.pem");
  REQUIRE(key);
  const std::string signature = folder.read("signature");
  CHECK(key->public_key().verifies(as_bytes("what was allowed"), as_bytes(signature)));
  CHECK(as_text(key->sign(as_bytes("what was allowed"))) == signature);
}

TEST_CASE("an encrypted key of openssl is named as such, and what the message says helps") {
  const TemporaryFolder folder;
  if (!has_openssl(folder)) return;
  write_private(folder, test_key("a"));
  REQUIRE(openssl(folder, "pkey -in private.pem -aes256 -passout pass:x -out encrypted.pem"));
  const auto encrypted =
      PrivateKey::from_pem(testing::secret_of(folder.read("encrypted.pem")), "encrypted.pem");
  REQUIRE_FALSE(encrypted);
  CHECK(encrypted.error().code == ErrorCode::unsupported);
  REQUIRE(openssl(folder, "pkey -in encrypted.pem -passin pass:x -out plain.pem"));
  CHECK(PrivateKey::from_pem(testing::secret_of(folder.read("plain.pem")), "plain.pem"));
}

TEST_CASE("a real Ed448 key, certificate and RSA key of openssl are named") {
  const TemporaryFolder folder;
  if (!has_openssl(folder)) return;
  REQUIRE(openssl(folder, "genpkey -algorithm ed448 -out ed448.pem"));
  REQUIRE(openssl(folder, "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem"));
  REQUIRE(openssl(folder, "req -x509 -key rsa.pem -subj /CN=test -out certificate.pem"));
  const auto message_of = [&](const std::string& file) {
    const auto key = PrivateKey::from_pem(testing::secret_of(folder.read(file)), file);
    return key ? std::string("taken") : key.error().message;
  };
  CHECK(message_of("ed448.pem").starts_with("ed448.pem: is an Ed448 key"));
  CHECK(message_of("rsa.pem").starts_with("rsa.pem: is an RSA key"));
  CHECK(message_of("certificate.pem").starts_with("certificate.pem: is a certificate"));
}

}  // namespace
}  // namespace cavra
