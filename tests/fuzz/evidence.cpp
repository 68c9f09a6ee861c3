// evidence.json of a bundle.
#include "bundle/evidence_reader.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_evidence(std::string_view bytes) {
  MemorySource source(std::string(bytes), 61);
  const auto evidence = read_evidence(source);
  require(evidence.has_value(), "memory gives no I/O error");
  for (const Finding& finding : evidence->findings) {
    require_printable(finding.message);
    require_printable(finding.place);
  }
  if (!evidence->findings.empty()) return;
  const auto value = parse_json(bytes);
  require(value && value->is_object(), "evidence without findings is a JSON object");
  require(*value->find("session_id") == JsonValue(evidence->session_id), "the session is its own");
}

}  // namespace cavra::fuzz
