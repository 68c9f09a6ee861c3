// The two Markdown members of a bundle, in our own words.
//
// Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "bundle/decision.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

// Text as a code span that it cannot break out of (CommonMark 0.30, section 6.1): its line ends and
// invisible characters are escaped, and the fence is longer than any run of backticks in it.
[[nodiscard]] std::string code_span(std::string_view text);

// pr-attestation.md: the head, then one line for each decision.
[[nodiscard]] std::string attestation_head(std::string_view session_id, const DecisionSums& sums);
[[nodiscard]] std::string attestation_line(const DecisionFacts& decision);

// compliance-mapping.md.
[[nodiscard]] std::string compliance_mapping(std::string_view session_id,
                                             std::string_view policy_pack, const DecisionSums& sums,
                                             const RetentionPolicy& retention);

}  // namespace cavra
