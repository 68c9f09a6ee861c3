// What one trust root must be in itself, whether it is read or written. Pure: any thread.
#pragma once

#include <optional>
#include <string_view>

#include "cavra/trust_roots.hpp"

namespace cavra::trust {

inline constexpr std::string_view kRootSchema = "cavra.evidence.trust-root.v1";
inline constexpr std::string_view kBundleSchema = "cavra.evidence.trust-root-bundle.v1";
inline constexpr std::string_view kProduct = "CAVRA";
inline constexpr std::string_view kAlgorithm = "Ed25519";

struct RootProblem {
  std::string_view member;
  std::string_view text;  // goes after the member's place
};

// An empty key id, a window that ends before it starts, a retired key without an end.
[[nodiscard]] std::optional<RootProblem> find_root_problem(const TrustRoot& root);

}  // namespace cavra::trust
