// A TrustAnchor is what verification trusts: trust roots, one public key, or an HMAC key.
//
// It always comes from outside the bundle. Immutable: any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "cavra/finding.hpp"
#include "cavra/keys.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/secret.hpp"
#include "cavra/support/time.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra {

class TrustAnchor {
 public:
  [[nodiscard]] static TrustAnchor from_roots(std::shared_ptr<const TrustRoots> roots);
  [[nodiscard]] static TrustAnchor from_public_key(PublicKey key);
  // Errors: usage (an empty key; a PEM file in its place).
  [[nodiscard]] static Result<TrustAnchor> from_hmac_key(Secret key);

  // Which kind, in reports and receipts.
  enum class Kind { trust_roots, public_key, hmac_key };
  [[nodiscard]] Kind kind() const noexcept;

  // Checks `signature` over `canonical`. `expected_key_id` is the one asked for, or empty. All
  // that is wrong becomes findings (codes "signature.*", "trust.*"); none where it holds.
  // `signed_by` is set to the root where one was found.
  [[nodiscard]] Findings check(std::string_view canonical, const Signature& signature,
                               std::string_view expected_key_id, const Timestamp& created_at,
                               std::optional<TrustRoot>* signed_by) const;

 private:
  using State =
      std::variant<std::shared_ptr<const TrustRoots>, PublicKey, std::shared_ptr<const Secret>>;
  explicit TrustAnchor(State state) : state_(std::move(state)) {}
  State state_;
};

}  // namespace cavra
