// Says in people's words what in a document breaks a schema.
//
// RapidJSON gives the verdict, and only the first broken rule. This looks at all of them; it is
// asked only about documents that RapidJSON refused.
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
