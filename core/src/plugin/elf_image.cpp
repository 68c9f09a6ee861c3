#include "plugin/elf_image.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "plugin/elf_regions.hpp"

namespace cavra::plugin {

namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "plugins are loaded on x86-64 and aarch64"
#endif

// The smallest page of both machines: segments that share no such page share no larger one that
// the loader would accept, since it wants addresses and offsets congruent.
constexpr std::uint64_t kPageBytes = 4096;
constexpr Elf64_Half kMaxProgramHeaders = 64;
constexpr std::uint64_t kMaxAddress = std::uint64_t{1} << 48;  // so that sums do not overflow

Error unfit(std::string why) {
  return {ErrorCode::usage, std::move(why)};
}

bool fits(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

// Entries of the dynamic section that would load other code, or look for it elsewhere.
struct Forbidden {
  Elf64_Sxword tag;
  std::string_view why;
};
constexpr std::array kForbidden{
    Forbidden{DT_RPATH, "has an RPATH (link without -rpath)"},
    Forbidden{DT_RUNPATH, "has a RUNPATH (link without -rpath)"},
    Forbidden{DT_AUDIT, "asks for an audit library (DT_AUDIT)"},
    Forbidden{DT_DEPAUDIT, "asks for an audit library (DT_DEPAUDIT)"},
    Forbidden{DT_CONFIG, "names a loader configuration (DT_CONFIG)"},
    Forbidden{DT_FILTER, "is a filter for another library (DT_FILTER)"},
    Forbidden{DT_AUXILIARY, "is a filter for another library (DT_AUXILIARY)"},
};

// The fields of which the loader takes the last, were there more than one.
std::uint64_t* single(DynamicSection& section, Elf64_Sxword tag) {
  switch (tag) {
    case DT_STRTAB:
      return &section.string_table;
    case DT_STRSZ:
      return &section.string_table_bytes;
    case DT_SYMTAB:
      return &section.symbol_table;
    case DT_HASH:
      return &section.sysv_hash;
    case DT_GNU_HASH:
      return &section.gnu_hash;
    case DT_FLAGS_1:
      return &section.flags_1;
    default:
      return nullptr;
  }
}

Error doubled(const Elf64_Dyn& entry) {
  return unfit("has a dynamic entry twice (" + std::to_string(entry.d_tag) + ")");
}

Result<void> take(DynamicSection& section, const Elf64_Dyn& entry) {
  const auto forbidden = std::ranges::find(kForbidden, entry.d_tag, &Forbidden::tag);
  if (forbidden != kForbidden.end()) return unfit(std::string(forbidden->why));
  if (entry.d_tag == DT_NEEDED) {
    section.needed.push_back(entry.d_un.d_val);
  } else if (entry.d_tag == DT_SONAME) {
    if (section.soname) return unfit("has two names (DT_SONAME)");
    section.soname = entry.d_un.d_val;
  } else if (entry.d_tag == DT_SYMENT && entry.d_un.d_val != sizeof(Elf64_Sym)) {
    return unfit("has symbols of an unknown size");
  } else if (std::uint64_t* field = single(section, entry.d_tag)) {
    if (*field != 0) return doubled(entry);
    *field = entry.d_un.d_val;
  } else if (is_region_entry(entry.d_tag)) {
    if (!section.pointers.emplace(entry.d_tag, entry.d_un.d_val).second) return doubled(entry);
  }
  return {};
}

Result<Elf64_Ehdr> read_file_header(std::span<const std::byte> file) {
  if (file.size() < sizeof(Elf64_Ehdr) || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
    return unfit("is not an ELF file");
  const auto header = ElfImage::load<Elf64_Ehdr>(file);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kMachine)
    return unfit("is built for another machine (ELF machine " + std::to_string(header.e_machine) +
                 ", this one is " + std::to_string(kMachine) + ")");
  if (header.e_ident[EI_VERSION] != EV_CURRENT || header.e_version != EV_CURRENT)
    return unfit("is an ELF file of an unknown version");
  if (header.e_type != ET_DYN) return unfit("is not a shared library");
  return header;
}

}  // namespace

Result<ElfImage> ElfImage::parse(std::span<const std::byte> file) {
  CAVRA_TRY(const Elf64_Ehdr header, read_file_header(file));
  ElfImage image(file);
  CAVRA_CHECK(image.read_program_headers(header));
  if (image.segments_.empty() || !image.dynamic_) return unfit("is not a shared library");
  // Without this header, or with its X flag, the loader would make all stacks executable.
  if (!image.stack_flags_ || (*image.stack_flags_ & PF_X) != 0)
    return unfit("asks for an executable stack (link with -Wl,-z,noexecstack)");
  return image;
}

Result<void> ElfImage::read_program_headers(const Elf64_Ehdr& header) {
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kMaxProgramHeaders ||
      !fits(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr), file_.size()))
    return unfit("is damaged: its program headers are outside of the file");
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    CAVRA_CHECK(add(load<Elf64_Phdr>(file_.subspan(header.e_phoff + i * sizeof(Elf64_Phdr)))));
  }
  return {};
}

Result<void> ElfImage::add(const Elf64_Phdr& program) {
  switch (program.p_type) {
    case PT_INTERP:
      return unfit("is a program, not a shared library");
    case PT_GNU_STACK:
      if (stack_flags_) return unfit("has two stack headers");
      stack_flags_ = program.p_flags;
      return {};
    case PT_DYNAMIC:
      if (dynamic_) return unfit("has two dynamic sections");
      dynamic_ = program;
      return {};
    case PT_TLS:
      if (tls_) return unfit("has two sections of thread-local variables");
      tls_ = program;
      return {};
    case PT_LOAD:
      break;
    default:
      return {};
  }
  if (!fits(program.p_offset, program.p_filesz, file_.size()) ||
      program.p_memsz < program.p_filesz || program.p_vaddr > kMaxAddress ||
      program.p_memsz > kMaxAddress)
    return unfit("is damaged: a segment is outside of the file");
  if (!segments_.empty()) {
    // A later segment is mapped over an earlier one: what is read here would not be what runs.
    const std::uint64_t end = segments_.back().address + segments_.back().memory_bytes;
    if (program.p_vaddr / kPageBytes < (end + kPageBytes - 1) / kPageBytes)
      return unfit("is damaged: its segments overlap");
  }
  segments_.push_back({program.p_vaddr, program.p_memsz, program.p_flags,
                       file_.subspan(program.p_offset, program.p_filesz)});
  return {};
}

std::optional<std::span<const std::byte>> ElfImage::bytes(std::uint64_t address,
                                                          std::uint64_t length) const {
  for (const Segment& segment : segments_) {
    if (address < segment.address) continue;
    const std::uint64_t offset = address - segment.address;
    if (fits(offset, length, segment.bytes.size())) return segment.bytes.subspan(offset, length);
  }
  return std::nullopt;
}

bool ElfImage::is_in_memory(std::uint64_t address, std::uint64_t length, Elf64_Word flags) const {
  return std::ranges::any_of(segments_, [&](const Segment& segment) {
    return address >= segment.address && (segment.flags & flags) == flags &&
           fits(address - segment.address, length, segment.memory_bytes);
  });
}

Result<DynamicSection> ElfImage::dynamic_section() const {
  // By address, as the loader finds it: p_offset could point to other entries than those in memory.
  const auto entries = bytes(dynamic_->p_vaddr, dynamic_->p_filesz);
  if (!entries) return unfit("is damaged: its dynamic section is outside of the file");
  DynamicSection section;
  for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= entries->size(); at += sizeof(Elf64_Dyn)) {
    const auto entry = load<Elf64_Dyn>(entries->subspan(at));
    if (entry.d_tag == DT_NULL) return section;
    CAVRA_CHECK(take(section, entry));
  }
  return unfit("is damaged: its dynamic section has no end");
}

}  // namespace cavra::plugin
