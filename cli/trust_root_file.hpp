// Writing a trust-root file: who replaces one says so, and is told whose roots go with it.
#pragma once

#include <span>
#include <string>

#include "cavra/trust_roots.hpp"
#include "command.hpp"
#include "session.hpp"

namespace cavra::cli {

// --replace
[[nodiscard]] Option replace_option();

// Writes `document`, which holds `roots`, to --output: beside it, and renamed in. A note names the
// roots that were there and are not in `roots`. Errors: refused (something is there, and --replace
// is not given; with it, what is there is no trust-root file), io.
[[nodiscard]] Result<void> write_trust_root_file(const Arguments& arguments,
                                                 const JsonValue& document,
                                                 std::span<const TrustRoot> roots, Output& output);

}  // namespace cavra::cli
