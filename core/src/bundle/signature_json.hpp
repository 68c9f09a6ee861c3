// The manifest's `signature`, to and from JSON.
//
// It is the one member that the signature does not cover, so nothing may stand in it but what is
// known, in one spelling. Pure functions: any thread. Format: docs/spec/bundle-v1.md, "Signature".
#pragma once

#include "cavra/finding.hpp"
#include "cavra/json.hpp"
#include "cavra/signer.hpp"

namespace cavra {

// What is wrong goes to `findings`, with its place; the signature is then not to be used.
[[nodiscard]] Signature read_signature(const JsonValue& value, Findings& findings);

[[nodiscard]] JsonValue signature_json(const Signature& signature);

}  // namespace cavra
