// The question before what cannot be undone.
#pragma once

#include <string_view>

#include "cavra/support/result.hpp"
#include "command.hpp"
#include "output/output.hpp"

namespace cavra::cli {

// Whether confirm() will ask: what it asks about is told then, with --quiet too.
[[nodiscard]] bool will_ask(const Arguments& arguments, const Output& output);
// A line about it.
void say_before_asking(const Arguments& arguments, Output& output, std::string_view line);

// Asks on the terminal, `question` being "Lock it?"; with --yes it need not. What will be locked
// until when is told before. `nothing` is what a no means: "nothing was stored". Errors: refused
// (the answer was not yes; no terminal to ask on), cancelled.
[[nodiscard]] Result<void> confirm(const Arguments& arguments, const Output& output,
                                   std::string_view question, std::string_view nothing);

}  // namespace cavra::cli
