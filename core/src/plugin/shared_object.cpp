#include "plugin/shared_object.hpp"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::plugin {

namespace {

struct Kept {
  FileDescriptor memfd;
  boost::dll::shared_library library;
  PluginEntry entry;
};

// By SHA-256. Never destroyed: an object's code may be needed by what outlives main().
struct Loaded {
  std::mutex mutex;
  std::map<std::string, Kept> all;
};
Loaded& loaded() {
  static auto& only = *new Loaded;
  return only;
}

// The loader's own words, without the path in /proc, which tells nobody anything.
Error loader_error(const std::string& path) {
  const char* const said = ::dlerror();
  std::string text = said == nullptr ? "the loader does not say why" : said;
  if (text.starts_with(path + ": ")) text.erase(0, path.size() + 2);
  return {ErrorCode::usage, "cannot be loaded: " + printable(text)};
}

}  // namespace

Result<PluginEntry> load_shared_object(FileDescriptor memfd, const std::string& sha256) {
  const std::lock_guard guard(loaded().mutex);
  auto& all = loaded().all;
  if (const auto before = all.find(sha256); before != all.end()) return before->second.entry;

  const std::string path = "/proc/self/fd/" + std::to_string(memfd.get());
  boost::dll::shared_library library;
  boost::dll::fs::error_code failure;
  library.load(path, failure, boost::dll::load_mode::rtld_local | boost::dll::load_mode::rtld_now);
  if (failure) return loader_error(path);
  // Asked of the loaded object, which check_elf() has found to export it itself. What the loader
  // does not find there all the same, through a damaged hash table say, get() would throw about.
  if (!library.has(CAVRA_PLUGIN_SYMBOL))
    return Error{ErrorCode::usage,
                 "cannot be used: the loader does not find " CAVRA_PLUGIN_SYMBOL
                 " in it; its symbol hash table is damaged: link it anew, or get another copy"};
  const PluginEntry entry{&library.get<const cavra_plugin*(std::uint32_t)>(CAVRA_PLUGIN_SYMBOL)};
  all.emplace(sha256, Kept{std::move(memfd), std::move(library), entry});
  return entry;
}

}  // namespace cavra::plugin
