#include "plugin/shared_object.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "cavra/support/encoding.hpp"

namespace cavra::plugin {

namespace {

struct Kept {
  FileDescriptor memfd;
  boost::dll::shared_library library;
};

// Never destroyed: an object's code may be needed by what outlives main().
void keep(Kept kept) {
  static auto& mutex = *new std::mutex;
  static auto& all = *new std::vector<Kept>;
  const std::lock_guard guard(mutex);
  all.push_back(std::move(kept));
}

// The loader's own words, without the path in /proc, which tells nobody anything.
Error loader_error(const std::string& path) {
  const char* const said = ::dlerror();
  std::string text = said == nullptr ? "the loader does not say why" : said;
  if (text.starts_with(path + ": ")) text.erase(0, path.size() + 2);
  return {ErrorCode::usage, "cannot be loaded: " + printable(text)};
}

}  // namespace

Result<PluginEntry> load_shared_object(FileDescriptor memfd) {
  const std::string path = "/proc/self/fd/" + std::to_string(memfd.get());
  boost::dll::shared_library library;
  boost::dll::fs::error_code failure;
  library.load(path, failure, boost::dll::load_mode::rtld_local | boost::dll::load_mode::rtld_now);
  if (failure) return loader_error(path);
  // Asked of the loaded object, which check_elf() has found to export it itself.
  auto* const entry = &library.get<const cavra_plugin*(std::uint32_t)>(CAVRA_PLUGIN_SYMBOL);
  keep({std::move(memfd), std::move(library)});
  return PluginEntry{entry};
}

}  // namespace cavra::plugin
