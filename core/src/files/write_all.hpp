// Writes bytes to a file descriptor, however often write(2) must be asked.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra {

// Errors: io, which names `what`: "cannot write the receipt: No space left on device".
[[nodiscard]] Result<void> write_all(int fd, std::span<const std::byte> bytes,
                                     std::string_view what);

}  // namespace cavra
