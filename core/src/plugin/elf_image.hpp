// ElfImage reads the parts of an ELF file that the dynamic loader acts on, with bounds checked.
//
// All numbers come from the file and are hostile. Addresses are those of the program headers;
// bytes() answers only where they come from the file as it is. Pure: any thread.
// Format: "System V Application Binary Interface", chapters 4 and 5; elf(5).
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"

namespace cavra::plugin {

// Dynamic entries that check_elf() has an opinion on. Addresses of 0 are absent.
struct DynamicSection {
  std::uint64_t string_table = 0;
  std::uint64_t string_table_bytes = 0;
  std::uint64_t symbol_table = 0;
  std::uint64_t sysv_hash = 0;
  std::uint64_t gnu_hash = 0;
  std::uint64_t flags_1 = 0;
  std::map<Elf64_Sxword, std::uint64_t> pointers;  // what kRegions of elf_regions.cpp names
  std::vector<std::uint64_t> needed;               // offsets into the string table
  std::optional<std::uint64_t> soname;
};

class ElfImage {
 public:
  // Checks the file and program headers. Lends `file`. Errors: usage.
  [[nodiscard]] static Result<ElfImage> parse(std::span<const std::byte> file);

  // Reads the dynamic section, and refuses entries that load other code or look for it elsewhere.
  // Errors: usage.
  [[nodiscard]] Result<DynamicSection> dynamic_section() const;

  // The file's bytes behind addresses [address, address + length), if they lie in one segment.
  [[nodiscard]] std::optional<std::span<const std::byte>> bytes(std::uint64_t address,
                                                                std::uint64_t length) const;
  // Whether these addresses lie in one segment as it is in memory, where a file's end is followed
  // by zeros; `flags` (PF_W, PF_X) are those that it must have.
  [[nodiscard]] bool is_in_memory(std::uint64_t address, std::uint64_t length,
                                  Elf64_Word flags = 0) const;
  // The initial bytes of thread-local variables, where there are any.
  [[nodiscard]] const std::optional<Elf64_Phdr>& tls() const noexcept { return tls_; }
  template <class Value>
  [[nodiscard]] std::optional<Value> value(std::uint64_t address) const {
    const auto found = bytes(address, sizeof(Value));
    if (!found) return std::nullopt;
    return load<Value>(*found);
  }
  template <class Value>
  [[nodiscard]] static Value load(std::span<const std::byte> from) {
    Value value{};
    std::memcpy(&value, from.data(), sizeof(Value));
    return value;
  }

 private:
  struct Segment {
    std::uint64_t address = 0;
    std::uint64_t memory_bytes = 0;
    Elf64_Word flags = 0;
    std::span<const std::byte> bytes;
  };

  explicit ElfImage(std::span<const std::byte> file) : file_(file) {}
  [[nodiscard]] Result<void> read_program_headers(const Elf64_Ehdr& header);
  [[nodiscard]] Result<void> add(const Elf64_Phdr& program);

  std::span<const std::byte> file_;
  std::vector<Segment> segments_;  // PT_LOAD, ascending, apart from each other
  std::optional<Elf64_Phdr> dynamic_;
  std::optional<Elf64_Phdr> tls_;
  std::optional<std::uint32_t> stack_flags_;
};

}  // namespace cavra::plugin
