// The made-up session of `cavra init --sample`: an agent at work on a release.
#pragma once

#include <string>

#include "cavra/support/time.hpp"

namespace cavra::cli {

// JSON Lines: one decision a line, the last a little before `now`.
[[nodiscard]] std::string sample_decisions(const Timestamp& now);

}  // namespace cavra::cli
