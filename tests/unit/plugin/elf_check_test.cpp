#include "plugin/elf_check.hpp"

#include <elf.h>

#include <cstring>
#include <optional>
#include <random>

#include "plugin/plugin_test_data.hpp"

using namespace cavra;
using namespace cavra::testing;

namespace {

std::string verdict(std::string_view bytes) {
  const auto result = plugin::check_elf(as_bytes(bytes));
  if (result) return "fits";
  CHECK((result.error().code == ErrorCode::usage));
  return result.error().message;
}

template <class Value>
void put(std::string& bytes, std::size_t at, Value value) {
  REQUIRE(at + sizeof(value) <= bytes.size());
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

template <class Value>
Value take(const std::string& bytes, std::size_t at) {
  REQUIRE(at + sizeof(Value) <= bytes.size());
  Value value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

// Where the first program header of that type lies.
std::size_t program_header(const std::string& bytes, Elf64_Word type) {
  const auto header = take<Elf64_Ehdr>(bytes, 0);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    if (take<Elf64_Phdr>(bytes, at).p_type == type) return at;
  }
  FAIL("no such program header");
  return 0;
}

// Where the first dynamic entry with that tag lies in the file.
std::size_t dynamic_entry(const std::string& bytes, Elf64_Sxword tag) {
  const auto dynamic = take<Elf64_Phdr>(bytes, program_header(bytes, PT_DYNAMIC));
  for (std::size_t at = dynamic.p_offset; at < dynamic.p_offset + dynamic.p_filesz;
       at += sizeof(Elf64_Dyn)) {
    if (take<Elf64_Dyn>(bytes, at).d_tag == tag) return at;
  }
  FAIL("no such dynamic entry");
  return 0;
}

std::size_t dynamic_value(const std::string& bytes, Elf64_Sxword tag) {
  return dynamic_entry(bytes, tag) + offsetof(Elf64_Dyn, d_un);
}

}  // namespace

TEST_CASE("check_elf takes plugins as this build makes them") {
  for (const char* name : {"memory", "nothing", "rubbish"}) {
    CAPTURE(name);
    CHECK(verdict(read_file(plugin_file(name))) == "fits");
  }
}

TEST_CASE("check_elf refuses what a linker can make and a plugin must not be") {
  struct Row {
    const char* plugin;
    const char* message;
  };
  static constexpr std::array rows{
      Row{"no_entry", "does not export the function cavra_plugin_get"},
      Row{"rpath", "has an RPATH (link without -rpath)"},
      Row{"runpath", "has a RUNPATH (link without -rpath)"},
      Row{"audit", "asks for an audit library (DT_AUDIT)"},
      Row{"depaudit", "asks for an audit library (DT_DEPAUDIT)"},
      Row{"filter", "is a filter for another library (DT_FILTER)"},
      Row{"auxiliary", "is a filter for another library (DT_AUXILIARY)"},
      Row{"soname_path", "calls itself \"/proc/self/fd/9\" (SONAME), which is not a plain name"},
      Row{"exec_stack", "asks for an executable stack (link with -Wl,-z,noexecstack)"},
      Row{"interpose", "wants its symbols to replace those of others (DT_FLAGS_1)"},
  };
  for (const auto& [name, message] : rows) {
    CAPTURE(name);
    CHECK(verdict(read_file(plugin_file(name))) == message);
  }
  CHECK(verdict(read_file(plugin_file("needed_path"))) ==
        "needs the library " +
            quoted((plugin_file("x").parent_path() / "libcavra-test-nameless.so").string()) +
            ", which is not a plain name");
  for (const char* name : {"two_symbols", "two_symbols_sysv", "protected_symbol"}) {
    CAPTURE(name);
    CHECK(verdict(read_file(plugin_file(name))) ==
          "exports \"cavra_test_helper\": a plugin exports the function cavra_plugin_get and "
          "nothing else (link with a version script)");
  }
  const std::string extra = verdict(read_file(plugin_file("extra_symbol")));
  CHECK(extra.starts_with("exports \""));
  CHECK(
      extra.ends_with("\": a plugin exports the function cavra_plugin_get and nothing else "
                      "(link with a version script)"));
}

TEST_CASE("check_elf refuses a needed library whose name the loader would expand") {
  std::string bytes = read_file(plugin_file("memory"));
  const std::size_t at = bytes.find("libstdc++.so.6");
  REQUIRE(at != std::string::npos);
  bytes.replace(at, 7, "$ORIGIN");
  CHECK(verdict(bytes) == "needs the library \"$ORIGIN++.so.6\", which is not a plain name");
}

TEST_CASE("check_elf refuses what is no shared library for this machine") {
  CHECK(verdict("") == "is not an ELF file");
  CHECK(verdict("#!/bin/sh\necho it would run\n" + std::string(100, '#')) == "is not an ELF file");
  CHECK(verdict(read_file("/proc/self/exe")) == "is a program, not a shared library");

  const std::string good = read_file(plugin_file("memory"));
  std::string bytes = good;
  put<Elf64_Half>(bytes, offsetof(Elf64_Ehdr, e_machine), EM_S390);
  CHECK(verdict(bytes).starts_with("is built for another machine (ELF machine 22, this one is "));
  bytes = good;
  bytes[EI_CLASS] = ELFCLASS32;
  CHECK(verdict(bytes).starts_with("is built for another machine"));
  bytes = good;
  bytes[EI_DATA] = ELFDATA2MSB;
  CHECK(verdict(bytes).starts_with("is built for another machine"));
  for (const int type : {ET_REL, ET_EXEC, ET_CORE, 0x1234}) {
    CAPTURE(type);
    bytes = good;
    put(bytes, offsetof(Elf64_Ehdr, e_type), static_cast<Elf64_Half>(type));
    CHECK(verdict(bytes) == "is not a shared library");
  }
  bytes = good;
  bytes[EI_VERSION] = 2;
  CHECK(verdict(bytes) == "is an ELF file of an unknown version");
}

TEST_CASE("check_elf refuses headers that point elsewhere") {
  const std::string good = read_file(plugin_file("memory"));
  const auto changed = [&](auto change) {
    std::string bytes = good;
    change(bytes);
    return verdict(bytes);
  };
  const std::string outside = "is damaged: its program headers are outside of the file";
  CHECK(changed([](auto& b) { put<Elf64_Off>(b, offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX); }) ==
        outside);
  CHECK(changed([](auto& b) { put<Elf64_Half>(b, offsetof(Elf64_Ehdr, e_phnum), PN_XNUM); }) ==
        outside);
  CHECK(changed([](auto& b) { put<Elf64_Half>(b, offsetof(Elf64_Ehdr, e_phentsize), 57); }) ==
        outside);
  CHECK(changed([](auto& b) { put<Elf64_Half>(b, offsetof(Elf64_Ehdr, e_phnum), 0); }) ==
        "is not a shared library");

  const std::size_t load = program_header(good, PT_LOAD);
  const std::string segment = "is damaged: a segment is outside of the file";
  for (const std::uint64_t hostile : {std::uint64_t{1} << 40, UINT64_MAX}) {
    CAPTURE(hostile);
    CHECK(changed([&](auto& b) { put(b, load + offsetof(Elf64_Phdr, p_offset), hostile); }) ==
          segment);
    CHECK(changed([&](auto& b) { put(b, load + offsetof(Elf64_Phdr, p_filesz), hostile); }) ==
          segment);
  }
  CHECK(changed([&](auto& b) { put(b, load + offsetof(Elf64_Phdr, p_vaddr), UINT64_MAX); }) ==
        segment);
  CHECK(changed([&](auto& b) { put(b, load + offsetof(Elf64_Phdr, p_memsz), UINT64_MAX); }) ==
        segment);
  // The second segment over the first: what runs would not be what was looked at.
  CHECK(changed([&](auto& b) {
          const auto first = take<Elf64_Phdr>(b, load);
          put(b, load + sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, p_vaddr), first.p_vaddr);
        }) == "is damaged: its segments overlap");

  const std::size_t dynamic = program_header(good, PT_DYNAMIC);
  CHECK(changed([&](auto& b) {
          put<Elf64_Addr>(b, dynamic + offsetof(Elf64_Phdr, p_vaddr), 0x7000000);
        }) == "is damaged: its dynamic section is outside of the file");
  CHECK(changed([&](auto& b) {
          put<Elf64_Xword>(b, dynamic + offsetof(Elf64_Phdr, p_filesz), 32);
        }) == "is damaged: its dynamic section has no end");
  const std::size_t stack = program_header(good, PT_GNU_STACK);
  CHECK(changed([&](auto& b) { put<Elf64_Word>(b, stack, PT_NULL); }) ==
        "asks for an executable stack (link with -Wl,-z,noexecstack)");
  CHECK(changed([&](auto& b) { put<Elf64_Word>(b, stack, PT_DYNAMIC); }) ==
        "has two dynamic sections");
}

TEST_CASE("check_elf refuses dynamic entries that point elsewhere") {
  const std::string good = read_file(plugin_file("memory"));
  struct Row {
    Elf64_Sxword tag;
    std::uint64_t value;
    const char* message;
  };
  static constexpr std::array rows{
      Row{DT_STRTAB, UINT64_MAX, "is damaged: its string table is outside of the file"},
      Row{DT_STRSZ, UINT64_MAX, "is damaged: its string table is outside of the file"},
      Row{DT_STRSZ, 0, "is damaged: its string table is outside of the file"},
      Row{DT_NEEDED, UINT64_MAX, "is damaged: a name is outside of its string table"},
      Row{DT_NEEDED, 0, "needs the library \"\", which is not a plain name"},
      Row{DT_SYMTAB, UINT64_MAX - 100, "is damaged: its symbol table is outside of the file"},
      Row{DT_SYMENT, 16, "has symbols of an unknown size"},
      Row{DT_GNU_HASH, UINT64_MAX - 1, "is damaged: its symbol hash table does not hold together"},
      Row{DT_GNU_HASH, 0, "does not export the function cavra_plugin_get"},
  };
  for (const auto& [tag, value, message] : rows) {
    CAPTURE(tag);
    CAPTURE(value);
    std::string bytes = good;
    put(bytes, dynamic_value(bytes, tag), value);
    CHECK(verdict(bytes) == message);
  }
  // A second DT_STRTAB, of which the loader would take the last.
  std::string bytes = good;
  put<Elf64_Sxword>(bytes, dynamic_entry(bytes, DT_RELA), DT_STRTAB);
  CHECK(verdict(bytes) == "has a dynamic entry twice (5)");
}

TEST_CASE("check_elf refuses hash tables that do not hold together") {
  const std::string good = read_file(plugin_file("memory"));
  // In these files the first segment has address and offset 0, and the table lies in it.
  const auto table = take<std::uint64_t>(good, dynamic_value(good, DT_GNU_HASH));
  const std::string outside = "is damaged: its symbol hash table does not hold together";
  for (const std::size_t field : {std::size_t{0}, std::size_t{4}, std::size_t{8}}) {
    CAPTURE(field);
    std::string bytes = good;
    put<std::uint32_t>(bytes, table + field, UINT32_MAX);
    CHECK(verdict(bytes) == outside);
  }
}

TEST_CASE("check_elf refuses a hash table by which the loader would read elsewhere, or for ever") {
  const std::string broken = "is damaged: its symbol hash table does not hold together";
  std::string bytes = read_file(plugin_file("memory"));
  const auto gnu = take<std::uint64_t>(bytes, dynamic_value(bytes, DT_GNU_HASH));
  const auto bloom_words = take<std::uint32_t>(bytes, gnu + 8);
  for (const std::uint32_t words : {std::uint32_t{0}, std::uint32_t{3}}) {
    put(bytes, gnu + 8, words);
    CHECK(verdict(bytes) == broken);
  }
  put(bytes, gnu + 8, bloom_words);
  CHECK(verdict(bytes) == "fits");
  // A bucket below the first symbol: its chain would begin before the table.
  bytes = read_file(plugin_file("two_symbols"));
  const auto table = take<std::uint64_t>(bytes, dynamic_value(bytes, DT_GNU_HASH));
  const std::size_t buckets = table + 16 + take<std::uint32_t>(bytes, table + 8) * 8;
  std::size_t bucket = buckets;
  while (take<std::uint32_t>(bytes, bucket) == 0)
    bucket += 4;
  put<std::uint32_t>(bytes, bucket, 1);
  CHECK(verdict(bytes) == broken);

  const std::string sysv = read_file(plugin_file("two_symbols_sysv"));
  const auto hash = take<std::uint64_t>(sysv, dynamic_value(sysv, DT_HASH));
  const auto bucket_count = take<std::uint32_t>(sysv, hash);
  const auto symbol_count = take<std::uint32_t>(sysv, hash + 4);
  const std::size_t chains = hash + 8 + bucket_count * 4;
  const auto changed = [&](std::size_t at, std::uint32_t value) {
    std::string copy = sysv;
    put(copy, at, value);
    return verdict(copy);
  };
  CHECK(changed(hash, UINT32_MAX) == broken);
  CHECK(changed(hash + 4, UINT32_MAX) == broken);
  CHECK(changed(hash + 8, symbol_count) == broken);
  const std::uint32_t last = symbol_count - 1;
  CHECK(changed(chains + last * 4, last) == broken);  // its own successor
}

TEST_CASE("check_elf refuses pointers that the loader would follow out of the file") {
  const std::string good = read_file(plugin_file("memory"));
  const auto message = [](std::string_view what) {
    return "is damaged: it has " + std::string(what) + " outside of its segments";
  };
  struct Row {
    Elf64_Sxword tag;
    std::uint64_t value;
    std::string message;
  };
  const std::uint64_t far = std::uint64_t{1} << 40;
  const std::string fixed = "has a value that the loader cannot do with";
  const std::vector<Row> rows{
      {DT_RELA, far, message("relocations (DT_RELA)")},
      {DT_RELA, UINT64_MAX, message("relocations (DT_RELA)")},
      {DT_RELASZ, far, message("relocations (DT_RELA)")},
      {DT_RELASZ, 25, message("relocations (DT_RELA)")},
      {DT_RELAENT, 8, "is damaged: a dynamic entry (9) " + fixed},
      {DT_INIT_ARRAY, far, message("initialisers (DT_INIT_ARRAY)")},
      {DT_INIT_ARRAYSZ, far, message("initialisers (DT_INIT_ARRAY)")},
      {DT_FINI_ARRAY, far, message("finalisers (DT_FINI_ARRAY)")},
      {DT_INIT, far, message("its initialiser (DT_INIT)")},
      {DT_INIT, 1, message("its initialiser (DT_INIT)")},  // there, and no code
      {DT_FINI, far, message("its finaliser (DT_FINI)")},
      {DT_VERSYM, far, message("symbol versions")},
      {DT_VERNEED, far, message("needed versions")},
      {DT_SYMTAB, far, "is damaged: its symbol table is outside of the file"},
      {DT_STRTAB, far, "is damaged: its string table is outside of the file"},
      {DT_GNU_HASH, far, "is damaged: its symbol hash table does not hold together"},
  };
  for (const auto& [tag, value, text] : rows) {
    CAPTURE(tag);
    CAPTURE(value);
    std::string bytes = good;
    put(bytes, dynamic_value(bytes, tag), value);
    CHECK(verdict(bytes) == text);
  }
  // A table whose length is missing: the loader would look through a null pointer.
  std::string bytes = good;
  put<Elf64_Sxword>(bytes, dynamic_entry(bytes, DT_RELASZ), DT_DEBUG);
  CHECK(verdict(bytes) == message("relocations (DT_RELA)"));
  // Relocations lie in the first segment, where addresses are offsets.
  const auto table = take<std::uint64_t>(good, dynamic_value(good, DT_RELA));
  for (const std::uint64_t hostile : {std::uint64_t{0}, far}) {  // not writable; not there
    bytes = good;
    put(bytes, table + offsetof(Elf64_Rela, r_offset), hostile);
    CHECK(verdict(bytes) == message("relocations (DT_RELA)"));
  }
  bytes = good;
  put<Elf64_Xword>(bytes, table + offsetof(Elf64_Rela, r_info), ELF64_R_INFO(1000000UL, 1));
  CHECK(verdict(bytes) == message("relocations (DT_RELA)"));
}

TEST_CASE("check_elf looks at each symbol of a hash chain, not at the first alone") {
  std::string bytes = read_file(plugin_file("two_symbols"));
  const auto symbols = take<std::uint64_t>(bytes, dynamic_value(bytes, DT_SYMTAB));
  const auto strings = take<std::uint64_t>(bytes, dynamic_value(bytes, DT_STRTAB));
  const auto find = [&](std::string_view name) {
    for (std::size_t at = symbols;; at += sizeof(Elf64_Sym)) {
      const auto symbol = take<Elf64_Sym>(bytes, at);
      if (symbol.st_value != 0 && bytes.compare(strings + symbol.st_name, name.size(), name) == 0)
        return at;
    }
  };
  const std::size_t entry = find("cavra_plugin_get");
  const std::size_t helper = find("cavra_test_helper");
  REQUIRE((entry == helper + sizeof(Elf64_Sym) || helper == entry + sizeof(Elf64_Sym)));
  // Both in one bucket, as they are where more symbols are: the first begins the chain, and the
  // lowest bit of its hash says that it goes on.
  const auto table = take<std::uint64_t>(bytes, dynamic_value(bytes, DT_GNU_HASH));
  const auto bucket_count = take<std::uint32_t>(bytes, table);
  const auto first = take<std::uint32_t>(bytes, table + 4);
  const std::size_t buckets = table + 16 + take<std::uint32_t>(bytes, table + 8) * 8;
  const std::size_t chain = buckets + bucket_count * 4;
  for (std::size_t i = 0; i < bucket_count; ++i)
    put<std::uint32_t>(bytes, buckets + i * 4, i == 0 ? first : 0);
  put<std::uint32_t>(bytes, chain, take<std::uint32_t>(bytes, chain) & ~1U);
  put<std::uint32_t>(bytes, chain + 4, take<std::uint32_t>(bytes, chain + 4) | 1U);

  for (int order = 0; order < 2; ++order) {
    CAPTURE(order);
    CHECK(verdict(bytes).starts_with("exports \"cavra_test_helper\""));
    std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(entry),
                     bytes.begin() + static_cast<std::ptrdiff_t>(entry + sizeof(Elf64_Sym)),
                     bytes.begin() + static_cast<std::ptrdiff_t>(helper));
  }
}

TEST_CASE("check_elf refuses a plugin cut at any place, and does not read beyond it") {
  const std::string good = read_file(plugin_file("nothing"));
  const auto last = take<Elf64_Phdr>(good, program_header(good, PT_DYNAMIC));
  const std::size_t needed = last.p_offset + last.p_filesz;
  for (std::size_t size = 0; size < needed; size += size < 1024 ? 1 : 61) {
    CAPTURE(size);
    // A copy of exactly that size, so that a sanitizer sees a read beyond it.
    const std::vector<char> cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(verdict({cut.data(), cut.size()}) != "fits");
  }
}

TEST_CASE("check_elf survives changed bytes in all that it reads") {
  const std::string good = read_file(plugin_file("nothing"));
  std::mt19937 random(20260101);  // a fixed seed: the same cases in each run
  const auto dynamic = take<Elf64_Phdr>(good, program_header(good, PT_DYNAMIC));
  std::uniform_int_distribution<std::size_t> in_headers(0, 1023);
  std::uniform_int_distribution<std::size_t> in_dynamic(0, dynamic.p_filesz - 1);
  std::uniform_int_distribution<int> any_byte(0, 255);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 1 + round % 4; ++change) {
      const std::size_t at =
          round % 2 == 0 ? in_headers(random) : dynamic.p_offset + in_dynamic(random);
      bytes[at] = static_cast<char>(any_byte(random));
    }
    refused += plugin::check_elf(as_bytes(bytes)) ? 0 : 1;
  }
  CHECK(refused > 1000);
}
