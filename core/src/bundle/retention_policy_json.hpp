// retention-policy.json, to and from JSON.
//
// Pure functions: any thread. Format: docs/spec/bundle-v1.md, "retention-policy.json".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/finding.hpp"
#include "cavra/json.hpp"
#include "cavra/support/result.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

inline constexpr std::size_t kMaxRetentionPolicyBytes = std::size_t{1} << 20;

// What the policy must agree with. Empty texts are not compared: they are wrong themselves.
struct RetentionContext {
  OffsetTimestamp created_at;
  std::string created_at_text;
  std::string session_id;
};

// What is wrong goes to `findings`; the policy is there only where nothing is.
[[nodiscard]] std::optional<RetentionPolicy> read_retention_policy(std::string_view text,
                                                                   const RetentionContext& context,
                                                                   Findings& findings);

// The end of retention: created_at + days × 86400 s, at the same offset. Errors: usage (days below
// 1, a date past year 9999).
[[nodiscard]] Result<OffsetTimestamp> retain_until(const OffsetTimestamp& created_at,
                                                   std::int64_t retention_days);

// The whole document.
[[nodiscard]] JsonValue retention_policy_json(const RetentionPolicy& policy,
                                              const RetentionContext& context);

}  // namespace cavra
