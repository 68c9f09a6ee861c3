// retention-policy.json of a bundle.
#include "bundle/retention_policy_json.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

RetentionContext context() {
  RetentionContext made;
  made.created_at_text = "2026-05-21T12:00:00+00:00";
  made.created_at = *parse_rfc3339(made.created_at_text);
  made.session_id = "s-17";
  return made;
}

}  // namespace

void fuzz_retention_policy(std::string_view bytes) {
  const RetentionContext expected = context();
  Findings findings;
  const auto policy = read_retention_policy(bytes, expected, findings);
  require(policy.has_value() == findings.empty(), "a policy, or findings");
  for (const Finding& finding : findings)
    require_printable(finding.message);
  if (!policy) return;
  Findings none;
  const auto again =
      read_retention_policy(compact_json(retention_policy_json(*policy, expected)), expected, none);
  require(again && again->retain_until == policy->retain_until &&
              again->legal_hold == policy->legal_hold &&
              again->retention_days == policy->retention_days,
          "a policy is written as it was read");
}

std::vector<std::string> seed_retention_policy() {
  RetentionPolicy policy{"regulated-sdlc", 30, *retain_until(context().created_at, 30), false};
  std::vector<std::string> seeds{pretty_json(retention_policy_json(policy, context()))};
  policy.legal_hold = true;
  seeds.push_back(compact_json(retention_policy_json(policy, context())));
  return seeds;
}

}  // namespace cavra::fuzz
