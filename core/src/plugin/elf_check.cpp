#include "plugin/elf_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <vector>

#include "cavra/plugin.h"
#include "cavra/support/encoding.hpp"
#include "plugin/elf_image.hpp"
#include "plugin/elf_regions.hpp"

namespace cavra::plugin {

namespace {

// What some linkers export from every library, with no code of the plugin's author behind it.
constexpr std::array<std::string_view, 5> kToolchainSymbols{"_init", "_fini", "__bss_start",
                                                            "_edata", "_end"};

Error unfit(std::string why) {
  return {ErrorCode::usage, std::move(why)};
}

class StringTable {
 public:
  [[nodiscard]] static Result<StringTable> in(const ElfImage& image,
                                              const DynamicSection& section) {
    const auto bytes = image.bytes(section.string_table, section.string_table_bytes);
    if (!bytes || bytes->empty() || bytes->back() != std::byte{0})
      return unfit("is damaged: its string table is outside of the file");
    return StringTable(as_text(*bytes));
  }

  [[nodiscard]] Result<std::string_view> at(std::uint64_t offset) const {
    if (offset >= text_.size()) return unfit("is damaged: a name is outside of its string table");
    const auto rest = text_.substr(offset);
    return rest.substr(0, rest.find('\0'));
  }

 private:
  explicit StringTable(std::string_view text) : text_(text) {}
  std::string_view text_;
};

// A name with '/' is a path, and '$' begins what the loader replaces ($ORIGIN): either makes the
// library that is loaded depend on where things lie (ld.so(8)).
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.find_first_of("/$") == std::string_view::npos;
}

Result<void> check_names(const DynamicSection& section, const StringTable& strings) {
  for (const std::uint64_t offset : section.needed) {
    CAVRA_TRY(const std::string_view name, strings.at(offset));
    if (!is_plain_name(name))
      return unfit("needs the library " + quoted(name) + ", which is not a plain name");
  }
  if (section.soname) {
    // The loader takes a library whose SONAME is the path asked for: a plugin named
    // "/proc/self/fd/9" would stand in for the next one.
    CAVRA_TRY(const std::string_view name, strings.at(*section.soname));
    if (!is_plain_name(name))
      return unfit("calls itself " + quoted(name) + " (SONAME), which is not a plain name");
  }
  return {};
}

Result<void> check_flags(const DynamicSection& section) {
  if ((section.flags_1 & DF_1_PIE) != 0) return unfit("is a program, not a shared library");
  if ((section.flags_1 & (DF_1_GLOBAL | DF_1_INTERPOSE | DF_1_LOADFLTR)) != 0)
    return unfit("wants its symbols to replace those of others (DT_FLAGS_1)");
  return {};
}

// One more than the highest index that the loader's lookup can reach through DT_GNU_HASH, by the
// layout that glibc's elf/dl-lookup.c reads.
std::optional<std::uint64_t> count_gnu_symbols(const ElfImage& image, std::uint64_t address) {
  const auto bucket_count = image.value<std::uint32_t>(address);
  const auto first_symbol = image.value<std::uint32_t>(address + 4);
  const auto bloom_words = image.value<std::uint32_t>(address + 8);
  if (!bucket_count || !first_symbol || !bloom_words) return std::nullopt;
  // The loader asserts it, and takes the bits below for a mask.
  if (!std::has_single_bit(*bloom_words)) return std::nullopt;
  const std::uint64_t buckets_at = address + 16 + std::uint64_t{*bloom_words} * 8;
  const std::uint64_t bucket_bytes = std::uint64_t{*bucket_count} * 4;
  const auto buckets = image.bytes(buckets_at, bucket_bytes);
  if (!buckets) return std::nullopt;
  std::uint64_t last = 0;
  for (std::size_t at = 0; at < bucket_bytes; at += 4) {
    const auto bucket = ElfImage::load<std::uint32_t>(buckets->subspan(at));
    if (bucket != 0 && bucket < *first_symbol) return std::nullopt;
    last = std::max<std::uint64_t>(last, bucket);
  }
  if (last == 0) return *first_symbol;  // nothing is exported
  // Chains lie one after the other and the lowest bit ends one, so the chain that begins last is
  // the one that ends last.
  for (;; ++last) {
    const auto hash =
        image.value<std::uint32_t>(buckets_at + bucket_bytes + (last - *first_symbol) * 4);
    if (!hash) return std::nullopt;
    if ((*hash & 1U) != 0) return last + 1;
  }
}

// The same through DT_HASH: buckets, and for each symbol the next one of its chain.
std::optional<std::uint64_t> count_sysv_symbols(const ElfImage& image, std::uint64_t address) {
  const auto bucket_count = image.value<std::uint32_t>(address);
  const auto symbol_count = image.value<std::uint32_t>(address + 4);
  if (!bucket_count || !symbol_count) return std::nullopt;
  const auto table =
      image.bytes(address + 8, (std::uint64_t{*bucket_count} + std::uint64_t{*symbol_count}) * 4);
  if (!table) return std::nullopt;
  // A symbol is in one chain and once in it; else the loader might look for ever.
  std::vector<bool> is_named(*symbol_count);
  for (std::size_t at = 0; at < table->size(); at += 4) {
    const auto symbol = ElfImage::load<std::uint32_t>(table->subspan(at));
    if (symbol == STN_UNDEF) continue;
    if (symbol >= *symbol_count || is_named[symbol]) return std::nullopt;
    is_named[symbol] = true;
  }
  return *symbol_count;
}

Error broken_hash_table() {
  return unfit("is damaged: its symbol hash table does not hold together");
}

Result<std::uint64_t> count_symbols(const ElfImage& image, const DynamicSection& section) {
  std::uint64_t count = 0;
  if (section.gnu_hash != 0) {
    const auto found = count_gnu_symbols(image, section.gnu_hash);
    if (!found) return broken_hash_table();
    count = *found;
  }
  if (section.sysv_hash != 0) {
    const auto found = count_sysv_symbols(image, section.sysv_hash);
    if (!found) return broken_hash_table();
    count = std::max(count, *found);
  }
  return count;
}

bool is_exported(const Elf64_Sym& symbol) {
  const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

Result<void> check_exports(const ElfImage& image, const DynamicSection& section,
                           const StringTable& strings, std::uint64_t count) {
  const auto table = image.bytes(section.symbol_table, count * sizeof(Elf64_Sym));
  if (!table) return unfit("is damaged: its symbol table is outside of the file");
  bool has_entry = false;
  for (std::uint64_t at = 0; at < table->size(); at += sizeof(Elf64_Sym)) {
    const auto symbol = ElfImage::load<Elf64_Sym>(table->subspan(at));
    if (!is_exported(symbol)) continue;
    CAVRA_TRY(const std::string_view name, strings.at(symbol.st_name));
    if (name == CAVRA_PLUGIN_SYMBOL && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC) {
      has_entry = true;
    } else if (std::ranges::find(kToolchainSymbols, name) == kToolchainSymbols.end()) {
      return unfit("exports " + quoted(name, 200) + ": a plugin exports the function " +
                   CAVRA_PLUGIN_SYMBOL + " and nothing else (link with a version script)");
    }
  }
  if (!has_entry) return unfit("does not export the function " CAVRA_PLUGIN_SYMBOL);
  return {};
}

}  // namespace

Result<void> check_elf(std::span<const std::byte> file) {
  CAVRA_TRY(const ElfImage image, ElfImage::parse(file));
  CAVRA_TRY(const DynamicSection section, image.dynamic_section());
  CAVRA_CHECK(check_flags(section));
  CAVRA_TRY(const StringTable strings, StringTable::in(image, section));
  CAVRA_CHECK(check_names(section, strings));
  const auto symbols = count_symbols(image, section);
  if (!symbols) return symbols.error();
  CAVRA_CHECK(check_exports(image, section, strings, *symbols));
  return check_regions(image, section, *symbols);
}

}  // namespace cavra::plugin
