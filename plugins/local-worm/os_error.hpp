// os_error() turns errno into an Error that says what was tried, what came back and what to do.
//
// Pure: any thread.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

// `tried` reads like "write \"s-1/bundle/a.json\"". The code follows from `error`: forbidden where
// a right is missing (EACCES, EPERM), refused where the place is unsuitable (EROFS, EXDEV, ELOOP,
// EOPNOTSUPP), io for all else. ENOENT is io: who expects it maps it himself.
[[nodiscard]] Error os_error(std::string_view tried, int error = errno);

}  // namespace cavra::local_worm
