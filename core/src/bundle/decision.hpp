// A decision, as far as a bundle's other files tell of it, and the sums over many.
//
// Plain values and pure functions: any thread. Format: docs/spec/bundle-v1.md, "A decision".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

inline constexpr std::array<std::string_view, 6> kOutcomes{
    "allow", "allow_with_attestation", "audit_only", "block", "require_approval", "warn"};

// Views into the JSON value.
struct DecisionFacts {
  std::string_view outcome;  // one of kOutcomes
  std::string_view severity;
  std::string_view target;
  std::string_view session_id;  // empty where it has none
};

// Errors: usage, with a JSON pointer into the decision.
[[nodiscard]] Result<DecisionFacts> read_decision(const JsonValue& decision);

// Levels of objects and arrays: 0 for a text, 1 for {}. Goes down by recursion, as all that writes.
[[nodiscard]] std::size_t json_depth(const JsonValue& value);

struct DecisionSums {
  std::uint64_t total = 0;
  std::array<std::uint64_t, kOutcomes.size()> by_outcome{};
  std::string max_severity = "low";  // v1's: the alphabetically last, "low" where there is none

  void add(const DecisionFacts& decision);
  [[nodiscard]] std::uint64_t count(std::string_view outcome) const;
};

}  // namespace cavra
