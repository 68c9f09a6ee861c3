// Checks that a schema is one by draft-04, and one that RapidJSON 1.1 judges right.
//
// RapidJSON takes any document for a schema: what it does not understand it ignores (a $ref that
// leads nowhere, a pattern that it cannot read) or trips over (an infinite loop of references, a
// list where an object should be). So everything is checked before, and RapidJSON gets a copy that
// has only the keywords that count.
#pragma once

#include "cavra/json.hpp"

namespace cavra {

inline constexpr std::size_t kMaxSchemaBytes = std::size_t{1} << 20;

// The copy for RapidJSON. Errors: usage, with the JSON pointer of the place in the schema.
[[nodiscard]] Result<JsonValue> check_schema(const JsonValue& schema);

// What a local reference ("#", "#/definitions/a") leads to; null where it leads nowhere.
[[nodiscard]] const JsonValue* resolve_reference(const JsonValue& root, std::string_view reference);

}  // namespace cavra
