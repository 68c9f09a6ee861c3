#include "plugin/elf_regions.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

namespace cavra::plugin {

namespace {

// <elf.h> of glibc 2.36 has them, older ones do not.
constexpr Elf64_Sxword kRelrBytes = 35;
constexpr Elf64_Sxword kRelr = 36;
constexpr Elf64_Sxword kRelrEntry = 37;

// An array of things of one size, its address and its length in bytes.
struct Region {
  Elf64_Sxword address;
  Elf64_Sxword bytes;
  std::uint64_t unit;
  const char* name;
};
constexpr std::array kRegions{
    Region{DT_RELA, DT_RELASZ, sizeof(Elf64_Rela), "relocations (DT_RELA)"},
    Region{DT_JMPREL, DT_PLTRELSZ, sizeof(Elf64_Rela), "relocations (DT_JMPREL)"},
    Region{kRelr, kRelrBytes, sizeof(Elf64_Addr), "relocations (DT_RELR)"},
    Region{DT_INIT_ARRAY, DT_INIT_ARRAYSZ, sizeof(Elf64_Addr), "initialisers (DT_INIT_ARRAY)"},
    Region{DT_FINI_ARRAY, DT_FINI_ARRAYSZ, sizeof(Elf64_Addr), "finalisers (DT_FINI_ARRAY)"},
};

// An entry with one value only that the loader can do with: it asserts them.
struct Fixed {
  Elf64_Sxword tag;
  std::uint64_t value;
};
constexpr std::array kFixed{
    Fixed{DT_RELAENT, sizeof(Elf64_Rela)},
    Fixed{DT_PLTREL, DT_RELA},
    Fixed{kRelrEntry, sizeof(Elf64_Addr)},
};

// One address, and how many bytes the loader reads there at least.
struct Place {
  Elf64_Sxword tag;
  std::uint64_t bytes;
  const char* name;
};
constexpr std::array kPlaces{
    Place{DT_VERDEF, sizeof(Elf64_Verdef), "version definitions"},
    Place{DT_VERNEED, sizeof(Elf64_Verneed), "needed versions"},
    Place{DT_PLTGOT, 3 * sizeof(Elf64_Addr), "its global offset table"},
};

constexpr std::array<Elf64_Sxword, 3> kOthers{DT_INIT, DT_FINI, DT_VERSYM};

Error damaged(std::string_view what) {
  return {ErrorCode::usage, "is damaged: it has " + std::string(what) + " outside of its segments"};
}

class RegionCheck {
 public:
  RegionCheck(const ElfImage& image, const DynamicSection& section, std::uint64_t symbols)
      : image_(image), section_(section), symbols_(symbols) {}

  Result<void> run() const {
    for (const auto& [tag, value] : kFixed) {
      if (const auto found = entry(tag); found && *found != value)
        return Error{ErrorCode::usage, "is damaged: a dynamic entry (" + std::to_string(tag) +
                                           ") has a value that the loader cannot do with"};
    }
    for (const Region& region : kRegions)
      CAVRA_CHECK(check(region));
    for (const auto& [tag, bytes, name] : kPlaces) {
      if (const auto at = entry(tag); at && !image_.is_in_memory(*at, bytes)) return damaged(name);
    }
    for (const Elf64_Sxword tag : {DT_INIT, DT_FINI}) {
      if (const auto at = entry(tag); at && *at != 0 && !image_.is_in_memory(*at, 1, PF_X))
        return damaged(tag == DT_INIT ? "its initialiser (DT_INIT)" : "its finaliser (DT_FINI)");
    }
    const auto versions = entry(DT_VERSYM);
    if (versions && !image_.bytes(*versions, symbols_ * sizeof(Elf64_Half)))
      return damaged("symbol versions");
    return check_tls();
  }

 private:
  std::optional<std::uint64_t> entry(Elf64_Sxword tag) const {
    const auto found = section_.pointers.find(tag);
    if (found == section_.pointers.end()) return std::nullopt;
    return found->second;
  }

  Result<void> check(const Region& region) const {
    const auto at = entry(region.address);
    const auto length = entry(region.bytes);
    if (!at && !length) return {};
    if (!at || !length) return damaged(region.name);
    if (*length == 0) return {};
    const auto bytes = image_.bytes(*at, *length);
    if (!bytes || *length % region.unit != 0) return damaged(region.name);
    if (region.unit == sizeof(Elf64_Rela)) return check_relocations(*bytes, region.name);
    return {};
  }

  // Each must be about a place that can be written, and a symbol that there is.
  Result<void> check_relocations(std::span<const std::byte> table, const char* name) const {
    for (std::size_t at = 0; at < table.size(); at += sizeof(Elf64_Rela)) {
      const auto one = ElfImage::load<Elf64_Rela>(table.subspan(at));
      // R_X86_64_NONE and R_AARCH64_NONE are 0.
      if (ELF64_R_TYPE(one.r_info) == 0) continue;
      if (!image_.is_in_memory(one.r_offset, sizeof(Elf64_Addr), PF_W) ||
          (ELF64_R_SYM(one.r_info) != 0 && ELF64_R_SYM(one.r_info) >= symbols_))
        return damaged(name);
    }
    return {};
  }

  Result<void> check_tls() const {
    const auto& tls = image_.tls();
    if (!tls || tls->p_memsz == 0) return {};
    const bool is_aligned = tls->p_align == 0 || std::has_single_bit(tls->p_align);
    if (tls->p_memsz < tls->p_filesz || !is_aligned || !image_.bytes(tls->p_vaddr, tls->p_filesz))
      return damaged("thread-local variables");
    return {};
  }

  const ElfImage& image_;
  const DynamicSection& section_;
  const std::uint64_t symbols_;
};

}  // namespace

bool is_region_entry(Elf64_Sxword tag) noexcept {
  const auto is_it = [&](const auto& known) { return known.tag == tag; };
  return std::ranges::any_of(
             kRegions,
             [&](const Region& region) { return region.address == tag || region.bytes == tag; }) ||
         std::ranges::any_of(kFixed, is_it) || std::ranges::any_of(kPlaces, is_it) ||
         std::ranges::find(kOthers, tag) != kOthers.end();
}

Result<void> check_regions(const ElfImage& image, const DynamicSection& section,
                           std::uint64_t symbols) {
  return RegionCheck(image, section, symbols).run();
}

}  // namespace cavra::plugin
