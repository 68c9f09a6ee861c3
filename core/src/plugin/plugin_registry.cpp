#include "cavra/plugin_registry.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "cavra/hasher.hpp"
#include "cavra/support/encoding.hpp"
#include "plugin/loaded_plugin.hpp"
#include "plugin/sealed_file.hpp"
#include "plugin/storage_adapter.hpp"

namespace cavra {

namespace {

constexpr std::string_view kPrefix = "cavra-";
constexpr std::string_view kSuffix = ".so";
constexpr std::size_t kMaxNameBytes = 64;

bool is_plugin_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// "tape" of "cavra-tape.so"; empty where it is no plugin's file name.
std::string name_of(const std::string& file_name) {
  std::string_view name = file_name;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) ||
      name.size() < kPrefix.size() + kSuffix.size())
    return {};
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(kSuffix.size());
  return is_plugin_name(name) ? std::string(name) : std::string();
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + quoted(name);
  return text;
}

struct Place {
  std::string name;  // for messages and facts
  std::filesystem::path file;
};

Result<Place> builtin_place(const std::filesystem::path& folder, const std::string& name,
                            const std::vector<std::string>& there) {
  if (is_plugin_name(name) && std::ranges::find(there, name) != there.end())
    return Place{name, folder / (std::string(kPrefix) + name + std::string(kSuffix))};
  std::string message = "there is no plugin " + quoted(name, 100);
  if (const auto near = near_words(name, there); !near.empty()) {
    message += " (did you mean " + one_of(near) + "?)";
  } else if (!there.empty()) {
    message += "; there are " + one_of(there);
  }
  return Error{ErrorCode::usage, message + ", in " + quoted(folder.string())};
}

// `usage` for all that makes a file unfit, so that the program ends with 2 and not as if the store
// had failed.
Error about(const Place& place, Error error) {
  if (error.code == ErrorCode::internal) error.code = ErrorCode::usage;
  error.message = "plugin " + quoted(place.name) + ": " + error.message;
  return error;
}

Result<void> check_hash(const std::optional<std::string>& expected, const std::string& found) {
  if (!expected) return {};
  if (const auto digest = Digest::from_hex(*expected); !digest || digest->size != 32)
    return Error{ErrorCode::usage, "its configured sha256 is not 64 lower-case hex digits"};
  if (*expected == found) return {};
  return Error{ErrorCode::usage, "its sha256 is " + found + ", and " + *expected +
                                     " is configured: it is not the file that was meant"};
}

}  // namespace

PluginRegistry::PluginRegistry(std::filesystem::path builtin_folder)
    : builtin_folder_(std::move(builtin_folder)) {}

// What is loaded stays.
PluginRegistry::~PluginRegistry() = default;

std::vector<std::string> PluginRegistry::builtin_names() const {
  std::vector<std::string> names;
  std::error_code failure;
  std::filesystem::directory_iterator entries(builtin_folder_, failure);
  for (; !failure && entries != std::filesystem::directory_iterator(); entries.increment(failure)) {
    std::string name = name_of(entries->path().filename().string());
    if (!name.empty()) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

Result<const LoadedPlugin*> PluginRegistry::load(const PluginReference& reference) {
  Place place{reference.path.string(), reference.path};
  if (reference.path.empty()) {
    CAVRA_TRY(place, builtin_place(builtin_folder_, reference.name, builtin_names()));
  } else if (!reference.path.is_absolute()) {
    return about(place, {ErrorCode::usage, "its path must be absolute"});
  } else if (!reference.sha256) {
    return about(place,
                 {ErrorCode::usage,
                  "a plugin outside of the program's folder needs its sha256 in the config"});
  }
  if (reference.sha256) {
    if (auto clean = check_loader_environment(); !clean)
      return about(place, std::move(clean).error());
  }
  auto sealed = plugin::seal_file(place.file);
  if (!sealed) return about(place, std::move(sealed).error());
  if (auto same = check_hash(reference.sha256, sealed->sha256); !same)
    return about(place, std::move(same).error());

  const auto before = std::ranges::find_if(
      loaded_, [&](const LoadedPlugin* plugin) { return plugin->facts.sha256 == sealed->sha256; });
  if (before != loaded_.end()) return *before;
  auto loaded = plugin::load_plugin(*std::move(sealed), place.name, place.file);
  if (!loaded) return about(place, std::move(loaded).error());
  loaded_.push_back(*loaded);
  return *loaded;
}

const PluginFacts& PluginRegistry::facts(const LoadedPlugin& plugin) {
  return plugin.facts;
}

Result<void> PluginRegistry::check_settings(const LoadedPlugin& plugin,
                                            const StoreOptions& options) {
  const std::string settings =
      child_pointer(child_pointer("/stores", options.store_name), "settings");
  std::string problems;
  if (!options.settings.is_object()) {
    problems = settings + ": is no object";
  } else {
    for (const auto& violation : plugin.settings.validate(options.settings)) {
      if (!problems.empty()) problems += '\n';
      problems += settings + violation.pointer + ": " + violation.problem;
    }
  }
  if (problems.empty()) return {};
  return Error{ErrorCode::usage, std::move(problems)};
}

Result<std::unique_ptr<StorageBackend>> PluginRegistry::open_store(const LoadedPlugin& plugin,
                                                                   const StoreOptions& options) {
  CAVRA_CHECK(check_settings(plugin, options));
  return plugin::open_backend(plugin, options);
}

}  // namespace cavra
