// Runs another program for what it prints: without a shell, without input, in a process group of
// its own. Its stderr is this program's. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cloud/wiped_text.hpp"

namespace cavra::cloud {

// `words` has the program, which is looked for in $PATH, and its arguments. What is left of the
// group when this returns with an error is killed. Errors, never with an argument or with output:
// usage (it cannot be started, prints more than `max_bytes`, ends with a status but 0), io;
// cancelled and timeout, by the call.
[[nodiscard]] Result<WipedText> run_process(const std::vector<std::string>& words,
                                            std::size_t max_bytes, const sdk::Call& call);

}  // namespace cavra::cloud
