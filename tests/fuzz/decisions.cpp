// Decisions in each of their forms, as `evidence bundle` reads them.
#include "bundle/decision.hpp"
#include "bundle/decision_reader.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_decisions(std::string_view bytes) {
  const DecisionFormat detected = detect_decision_format(bytes);
  for (const DecisionFormat format :
       {DecisionFormat::automatic, detected, DecisionFormat::json_lines}) {
    MemorySource source(std::string(bytes), 61);
    DecisionSums sums;
    const auto session =
        read_decisions(source, format, [&](const JsonValue& value) -> Result<void> {
          CAVRA_TRY(const DecisionFacts facts, read_decision(value));
          sums.add(facts);
          return {};
        });
    if (!session) require_fine(session.error());
    std::uint64_t count = 0;
    for (const std::string_view outcome : kOutcomes)
      count += sums.count(outcome);
    require(count == sums.total, "each decision is counted once");
  }
}

}  // namespace cavra::fuzz
