// plugin_loader FILE SHA256 [unset]: loads one plugin and prints its id, or why not. For tests that
// need a process of its own; `unset` clears LD_LIBRARY_PATH first. As `cavra`, it is not dumpable,
// which takes most of /proc/self away from it.
#include <sys/prctl.h>

#include <cstdlib>
#include <iostream>

#include "cavra/plugin_registry.hpp"

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  if (argc > 3) ::unsetenv("LD_LIBRARY_PATH");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return 2;
  cavra::PluginRegistry registry("/nowhere");
  const auto loaded = registry.load({.name = {}, .path = argv[1], .sha256 = argv[2]});
  std::cout << (loaded ? cavra::PluginRegistry::facts(**loaded).id : loaded.error().message)
            << '\n';
  return loaded ? 0 : 1;
}
