// A trust-root file.
#include "cavra/trust_roots.hpp"

#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_trust_roots(std::string_view bytes) {
  const auto roots = FileTrustRoots::parse(bytes, "roots.json");
  if (!roots) return require_fine(roots.error());
  require(!roots->all().empty(), "a trust-root file has a root");
  for (const TrustRoot& root : roots->all()) {
    require(root.status != KeyStatus::retired || root.valid_until.has_value(),
            "a retired key has an end");
    const auto again = TrustRoot::from_json(root.to_json(), "again");
    require(again && again->to_json() == root.to_json(), "a root is written as it was read");
    const auto found = roots->find(root.key_id, root.key.fingerprint(), root.purpose);
    require(found.has_value(), "a root that is there is found");
    require(found->key == root.key || found->status == KeyStatus::revoked,
            "what is found is the key, or a revocation");
    const KeyPurpose other =
        root.purpose == KeyPurpose::evidence ? KeyPurpose::receipt : KeyPurpose::evidence;
    const auto astray = roots->find(root.key_id, root.key.fingerprint(), other);
    require(!astray || astray->status == KeyStatus::revoked, "a key has one purpose");
  }
}

}  // namespace cavra::fuzz
