// Reading small texts of the store's own. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

// All of an open regular file. Errors: corrupt (no regular file, or above `max_bytes`), io.
[[nodiscard]] Result<std::string> read_small_file(int fd, std::size_t max_bytes,
                                                  std::string_view what);

}  // namespace cavra::local_worm
