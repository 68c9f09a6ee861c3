// A schema that a plugin may bring, and a document for it: two texts with a NUL between them.
#include "cavra/json.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_json_schema(std::string_view bytes) {
  const std::size_t nul = bytes.find('\0');
  const auto schema = JsonSchema::compile(bytes.substr(0, nul));
  if (!schema) return require_fine(schema.error());
  const auto document =
      parse_json(nul == bytes.npos ? std::string_view("{}") : bytes.substr(nul + 1));
  if (!document) return;
  const auto violations = schema->validate(*document);
  require(violations.size() <= 100, "at most 100 violations");
  for (const auto& each : violations)
    require_printable(each.problem);
}

}  // namespace cavra::fuzz
