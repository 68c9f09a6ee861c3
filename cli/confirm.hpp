// The question before what cannot be undone.
#pragma once

#include <string_view>

#include "cavra/support/result.hpp"
#include "command.hpp"
#include "output/output.hpp"

namespace cavra::cli {

// Asks on the terminal, `question` being "Lock it?"; with --yes it need not. What will be locked
// until when is told before. Errors: refused (the answer was not yes; no terminal to ask on),
// cancelled.
[[nodiscard]] Result<void> confirm(const Arguments& arguments, const Output& output,
                                   std::string_view question);

}  // namespace cavra::cli
