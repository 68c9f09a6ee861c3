// Whether a configuration document is one, and all that is wrong with it.
#pragma once

#include <string>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra::detail {

struct ConfigProblem {
  std::string pointer;  // JSON pointer; "" is the document
  std::string problem;  // one line, safe to print
};

// Empty where the document is a configuration. Errors: internal (the built-in schema is broken).
[[nodiscard]] Result<std::vector<ConfigProblem>> config_problems(const JsonValue& document);

}  // namespace cavra::detail
