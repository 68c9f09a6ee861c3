#include "bundle/decision.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

std::size_t index_of(std::string_view outcome) {
  return static_cast<std::size_t>(std::ranges::find(kOutcomes, outcome) - kOutcomes.begin());
}

Error fail(std::string_view member, const std::string& problem) {
  return {ErrorCode::usage, child_pointer("", member) + ' ' + problem};
}

Result<std::string_view> read_text(const JsonValue& decision, std::string_view name) {
  const JsonValue* member = decision.find(name);
  if (member == nullptr) return fail(name, "is missing");
  if (const std::string* text = member->if_string()) return std::string_view(*text);
  return fail(name, std::string("must be a text, and is a value of type ") + member->type_name());
}

}  // namespace

Result<DecisionFacts> read_decision(const JsonValue& decision) {
  if (!decision.is_object())
    return Error{ErrorCode::usage,
                 std::string("must be an object, and is a value of type ") + decision.type_name()};
  DecisionFacts facts;
  CAVRA_TRY(facts.outcome, read_text(decision, "decision"));
  if (index_of(facts.outcome) == kOutcomes.size()) {
    return fail("decision",
                "must be allow, allow_with_attestation, audit_only, block, "
                "require_approval or warn, and is " +
                    quoted(facts.outcome, 100));
  }
  CAVRA_TRY(facts.severity, read_text(decision, "severity"));
  CAVRA_TRY(facts.target, read_text(decision, "target"));
  if (decision.find("session_id") != nullptr) {
    CAVRA_TRY(facts.session_id, read_text(decision, "session_id"));
  }
  return facts;
}

std::size_t json_depth(const JsonValue& value) {
  std::size_t deepest = 0;
  if (const auto* elements = value.if_array()) {
    for (const JsonValue& each : *elements)
      deepest = std::max(deepest, json_depth(each));
  } else if (const auto* members = value.if_object()) {
    for (const JsonMember& each : *members)
      deepest = std::max(deepest, json_depth(each.value));
  } else {
    return 0;
  }
  return deepest + 1;
}

void DecisionSums::add(const DecisionFacts& decision) {
  if (total == 0 || decision.severity > max_severity) max_severity = decision.severity;
  ++by_outcome[index_of(decision.outcome)];
  ++total;
}

std::uint64_t DecisionSums::count(std::string_view outcome) const {
  return by_outcome.at(index_of(outcome));
}

}  // namespace cavra
