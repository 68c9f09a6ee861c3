// Says in people's words what in a document breaks a schema: each broken rule, where RapidJSON
// stops at the first.
//
// It is a second opinion too: a document must please both. RapidJSON 1.1 takes a member that only
// "required" or "dependencies" names although additionalProperties is false, and one that fits
// either a pattern's schema or that of additionalProperties. So where such a schema stands under
// "not" or "oneOf", a document may be refused that fits; none is taken that does not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cavra/json.hpp"

namespace cavra {

using PatternMatcher = std::function<bool(const std::string& pattern, const std::string& text)>;

// At most this many are listed.
inline constexpr std::size_t kMaxViolations = 100;

// `schema` has passed check_schema().
[[nodiscard]] std::vector<JsonSchema::Violation> explain_violations(const JsonValue& schema,
                                                                    const JsonValue& document,
                                                                    const PatternMatcher& matches);

}  // namespace cavra
