// Notices that exit() was called by somebody else than main(): a plugin, or a library of one.
//
// Its status would be taken for the program's verdict: `exit(0)` in a plugin would look like an
// archive that went well. Nothing can be done about `_exit()`; docs/threat-model.md says so.
#pragma once

#include <string>

namespace cavra::cli {

// Once, before anything else: what is registered first runs last.
void watch_for_early_end();

// What runs now, for the message. `command` may be empty.
void set_running_command(const std::string& command, bool is_json);

// main() has come to its end with this status: gives it back, and lets no other one win.
[[nodiscard]] int end_with(int exit) noexcept;

}  // namespace cavra::cli
