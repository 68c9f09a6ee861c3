// Keys in PEM, DER and raw, and signatures of foreign keys.
#include "cavra/keys.hpp"

#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

void check(const Result<PublicKey>& key) {
  if (!key) return require_fine(key.error());
  const auto again = PublicKey::from_pem(key->pem(), "again.pem");
  require(again && *again == *key && key->pem().size() == 113, "a key is written as it was read");
}

void check(const Result<PrivateKey>& key) {
  if (!key) return require_fine(key.error());
  const auto again = PrivateKey::from_pem(key->pem(), "again.pem");
  require(again && again->public_key() == key->public_key(), "a key is written as it was read");
  const auto message = as_bytes("message");
  require(key->public_key().verifies(message, key->sign(message)), "a signature verifies");
}

}  // namespace

void fuzz_keys(std::string_view bytes) {
  check(PublicKey::from_pem(bytes, "key.pem"));
  check(PublicKey::from_der(as_bytes(bytes), "key.der"));
  check(PrivateKey::from_pem(Secret(as_bytes(bytes)), "key.pem"));
  check(PrivateKey::from_der(as_bytes(bytes), "key.der"));
  // 32 bytes of key, 64 of signature, and the message.
  const auto key = PublicKey::from_raw(as_bytes(bytes.substr(0, 32)), "raw");
  check(key);
  if (key && bytes.size() >= 96)
    static_cast<void>(key->verifies(as_bytes(bytes.substr(96)), as_bytes(bytes.substr(32, 64))));
}

}  // namespace cavra::fuzz
