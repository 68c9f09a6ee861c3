// check_loader_environment(): variables that make the dynamic loader take other libraries.
#include <cstdlib>
#include <string>

#include "cavra/plugin_registry.hpp"

namespace cavra {

namespace {

// The first of the variables that is set, or null. Set to nothing is as good as not set: ld.so(8).
const char* find_variable() noexcept {
  for (const char* const name : {"LD_LIBRARY_PATH", "LD_PRELOAD", "LD_AUDIT"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return name;
  }
  return nullptr;
}

// As the loader saw it when the program was started: what becomes of the environment later changes
// nothing for it. (/proc/self/environ would tell, but not to a process that is not dumpable.)
const char* const kSetAtStart = find_variable();

}  // namespace

Result<void> check_loader_environment() {
  if (kSetAtStart == nullptr) return {};
  return Error{ErrorCode::usage,
               std::string(kSetAtStart) +
                   " is set, so that a plugin's sha256 does not say what would run: unset it"};
}

}  // namespace cavra
