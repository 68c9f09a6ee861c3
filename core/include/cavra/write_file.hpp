// Writes a small file so that it is there whole or not at all.
//
// The bytes go beside the place under a temporary name, are synced, and are renamed in; the folder
// is synced. Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>

#include "cavra/support/result.hpp"

namespace cavra {

enum class Overwrite { no, yes };

// `mode` is the file's permission before the umask; missing parent folders are made. Errors:
// refused (it is there already and Overwrite::no), io, each naming the file.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& file,
                                      std::span<const std::byte> bytes, mode_t mode,
                                      Overwrite overwrite);

// The system's words for errno, with what was tried: "cannot rename x: No space left on device".
[[nodiscard]] Error os_error(std::string_view tried, int error_number);

}  // namespace cavra
