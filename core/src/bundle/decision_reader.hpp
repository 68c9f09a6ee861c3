// Streams decisions out of whatever form they come in.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "cavra/bundle_writer.hpp"
#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

// Which form a document has, by its first bytes: '[' begins an array; an object with a member
// "decisions" is an evidence.json; anything else must be JSON Lines.
[[nodiscard]] DecisionFormat detect_decision_format(std::string_view first_bytes);

// Calls back for each decision in order. Gives the session id of an earlier evidence.json, else
// an empty text. Errors: usage (cannot be parsed, with its place; no array of decisions); what
// source and callback give, the callback's with the decision's number before it.
[[nodiscard]] Result<std::string> read_decisions(
    ByteSource& source, DecisionFormat format,
    const std::function<Result<void>(const JsonValue&)>& on_decision);

}  // namespace cavra
