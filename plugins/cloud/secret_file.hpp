// Reading small files that may hold secrets: AWS's own, and those that hold a token. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"

namespace cavra::cloud {

// All of a regular file, behind links too; /dev/null is an empty one. None: it is not there.
// Errors: usage (it cannot be read, is no regular file or has more than `max_bytes`), with its
// name.
[[nodiscard]] Result<std::optional<Secret>> read_secret_file(const std::string& path,
                                                             std::size_t max_bytes);

}  // namespace cavra::cloud
