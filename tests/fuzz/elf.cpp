// A plugin file, before the dynamic loader sees it.
#include "fuzz.hpp"
#include "plugin/elf_check.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

void fuzz_elf(std::string_view bytes) {
  const auto fit = plugin::check_elf(as_bytes(bytes));
  if (!fit) return require_fine(fit.error());
  require(bytes.find("cavra_plugin_get") != bytes.npos, "what is fit names its entry");
}

}  // namespace cavra::fuzz
