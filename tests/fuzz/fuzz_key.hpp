// A key whose signatures the seeds carry, and nobody else's: what holds under it is a seed.
#pragma once

#include "cavra/hasher.hpp"
#include "cavra/keys.hpp"
#include "cavra/signer.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra::fuzz {

inline PrivateKey fuzz_key() {
  return *PrivateKey::from_seed(sha256("a key for fuzzing").span());
}

// One root with that key, for either purpose.
class FuzzRoots final : public TrustRoots {
 public:
  Result<TrustRoot> find(std::string_view key_id, std::string_view fingerprint,
                         KeyPurpose purpose) const override {
    if ((!key_id.empty() && key_id != "fuzz") ||
        (!fingerprint.empty() && fingerprint != key_.fingerprint()))
      return Error{ErrorCode::not_found, "there is one root alone, \"fuzz\""};
    return TrustRoot{"fuzz", "nobody", KeyStatus::active, purpose, key_, {}, std::nullopt};
  }
  [[nodiscard]] std::string_view name() const override { return "fuzz roots"; }

 private:
  PublicKey key_ = fuzz_key().public_key();
};

}  // namespace cavra::fuzz
