#include "bundle/bundle_texts.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

std::size_t longest_run(std::string_view text, char wanted) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == wanted ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string outcome_table(const DecisionSums& sums) {
  std::string text = "| Outcome | Decisions |\n| --- | ---: |\n";
  for (std::size_t i = 0; i < kOutcomes.size(); ++i)
    text += "| " + std::string(kOutcomes[i]) + " | " + std::to_string(sums.by_outcome[i]) + " |\n";
  return text + "| all | " + std::to_string(sums.total) + " |\n";
}

}  // namespace

std::string code_span(std::string_view text) {
  // Escapes of one byte have up to six.
  const std::string shown = printable(text, 6 * text.size() + 16);
  if (shown.empty()) return "(empty)";
  const std::string fence(longest_run(shown, '`') + 1, '`');
  // A space at each side is taken off again, and is needed where a backtick or a space stands
  // there.
  const auto is_edge = [](char c) { return c == '`' || c == ' '; };
  const char* pad = is_edge(shown.front()) || is_edge(shown.back()) ? " " : "";
  return fence + pad + shown + pad + fence;
}

std::string attestation_head(std::string_view session_id, const DecisionSums& sums) {
  return "# CAVRA PR Attestation\n\nSession: " + code_span(session_id) +
         "\n\nBefore this change was proposed, a policy decided on each action that an agent asked "
         "for.\nThe decisions are in `evidence.json`, in this order; `manifest.json` signs both "
         "files.\n\n" +
         outcome_table(sums) + "\n## Decisions\n\n";
}

std::string attestation_line(const DecisionFacts& decision) {
  return "- " + code_span(decision.target) + ": " + std::string(decision.outcome) + ", severity " +
         code_span(decision.severity) + "\n";
}

std::string compliance_mapping(std::string_view session_id, std::string_view policy_pack,
                               const DecisionSums& sums, const RetentionPolicy& retention) {
  return "# Compliance Mapping\n\nSession: " + code_span(session_id) +
         "\nPolicy pack: " + code_span(policy_pack) +
         "\n\nWhere a reviewer finds what. This file claims no conformity with any standard.\n\n"
         "- What did the agent ask for, and what was decided, by which rule? `evidence.json`: one\n"
         "  record for each decision. Those blocked: " +
         std::to_string(sums.count("block")) + "; those that needed a person's approval: " +
         std::to_string(sums.count("require_approval")) +
         ".\n- What does a reviewer of the change sign off? `pr-attestation.md`: each target with "
         "its outcome.\n- What goes to monitoring? `siem-event.json`: the same decisions, with "
         "sums.\n- How long must this be kept? `retention-policy.json`: until " +
         format_python(retention.retain_until) +
         (retention.legal_hold ? ", and under a legal hold beyond it" : "") +
         ".\n- Was anything changed since? `manifest.json`: a SHA-256 of each file, under one "
         "signature.\n\n## Decisions by outcome\n\n" +
         outcome_table(sums);
}

}  // namespace cavra
