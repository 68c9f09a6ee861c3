// Reads evidence.json while it is hashed: what verification needs of it, in bounded memory.
//
// Format: docs/spec/bundle-v1.md, "evidence.json".
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cavra/finding.hpp"
#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

struct Evidence {
  std::string session_id;
  std::optional<std::string> created_at;  // as written
  Findings findings;                      // all that is wrong in it
};

// Reads from `source` as far as it is JSON. Errors: io and cancelled, of the source.
[[nodiscard]] Result<Evidence> read_evidence(ByteSource& source);

}  // namespace cavra
