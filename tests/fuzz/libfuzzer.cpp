// One target under libFuzzer, the one that CAVRA_FUZZ_TARGET names. Its own seeds go into the first
// folder of the command line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cavra/hasher.hpp"
#include "targets.hpp"

namespace {

const cavra::fuzz::Target& target() {
  static const auto* found =
      std::ranges::find(cavra::fuzz::kTargets, CAVRA_FUZZ_TARGET, &cavra::fuzz::Target::name);
  if (found == cavra::fuzz::kTargets.end()) std::abort();
  return *found;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const std::filesystem::path folder((*argv)[i]);
    if (!std::filesystem::is_directory(folder)) continue;
    if (target().seed == nullptr) break;
    for (const std::string& seed : target().seed())
      std::ofstream(folder / cavra::sha256(seed).hex(), std::ios::binary) << seed;
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target().run({reinterpret_cast<const char*>(data), size});
  return 0;
}
