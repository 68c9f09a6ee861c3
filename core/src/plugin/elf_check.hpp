// check_elf() decides, from the bytes alone, whether a file may be given to the dynamic loader.
//
// The constructors of a library run while it is loaded, so this is the last moment to refuse. It
// reads what the loader will read: program headers and the dynamic section, never the section
// headers. It makes no promise about what the code does. Pure: any thread.
#pragma once

#include <cstddef>
#include <span>

#include "cavra/support/result.hpp"

namespace cavra::plugin {

// Errors: usage, with what is wrong. The file must be a shared library for this machine that
// exports cavra_plugin_get and nothing else, and whose dependencies are plain names.
[[nodiscard]] Result<void> check_elf(std::span<const std::byte> file);

}  // namespace cavra::plugin
