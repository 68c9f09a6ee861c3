// The parts of an ELF file that the dynamic loader follows pointers to: relocations, functions to
// run, versions.
//
// A pointer out of the file would end the program by a signal, without a word, while the plugin is
// loaded. Pure: any thread.
#pragma once

#include <elf.h>

#include <cstdint>

#include "cavra/support/result.hpp"
#include "plugin/elf_image.hpp"

namespace cavra::plugin {

// Whether check_regions() has to know this dynamic entry.
[[nodiscard]] bool is_region_entry(Elf64_Sxword tag) noexcept;

// `symbols` is how many the symbol table has. Errors: usage, with what points elsewhere.
[[nodiscard]] Result<void> check_regions(const ElfImage& image, const DynamicSection& section,
                                         std::uint64_t symbols);

}  // namespace cavra::plugin
