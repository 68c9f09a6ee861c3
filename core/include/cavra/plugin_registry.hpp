// PluginRegistry finds, checks and loads storage plugins, and opens stores from them.
//
// A plugin file is read once into a sealed memfd, hashed and checked as ELF before any of its code
// runs; it is never unloaded. Load from one thread; what open_store() gives is thread-safe.
// Contract: cavra/plugin.h and docs/plugin-abi.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

// A plugin file larger than this is refused before it is read.
inline constexpr std::uint64_t kMaxPluginBytes = std::uint64_t{256} << 20;

// How a config names a plugin: a built-in name, or a file with its SHA-256.
struct PluginReference {
  std::string name;                   // "tape" of cavra-tape.so; empty where there is a path
  std::filesystem::path path;         // absolute
  std::optional<std::string> sha256;  // 64 lower-case hex digits; needed with a path
};

// What a loaded plugin says of itself, checked as text.
struct PluginFacts {
  std::string name;  // the built-in name, or the path
  std::filesystem::path file;
  std::string sha256;
  std::string id;
  std::string version;
  std::string vendor;
  std::string licence;
  std::string settings_schema;  // JSON text
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::vector<std::string> interfaces;
};

struct StoreOptions {
  std::string store_name;  // for messages
  JsonValue settings;      // an object
  std::filesystem::path base_folder;
  std::uint32_t max_sessions = 1;  // held at once, but where the store wants more: worker_count()
  std::uint64_t max_buffer_bytes = std::uint64_t{64} << 20;
  CallContext call;  // for opening alone
  // Absolute; where the plugin may keep hints. It makes the folder. Empty: nowhere.
  std::filesystem::path state_folder;
  // Gets what the plugin tells for whoever looks for a fault, a printable line at a time, from any
  // thread, as long as the store or one of its sessions is there. Empty: nobody listens.
  std::function<void(std::string_view line)> log;
};

class LoadedPlugin;  // never destroyed once loaded

class PluginRegistry {
 public:
  // `builtin_folder` holds cavra-<name>.so.
  explicit PluginRegistry(std::filesystem::path builtin_folder);
  ~PluginRegistry();
  PluginRegistry(const PluginRegistry&) = delete;
  PluginRegistry& operator=(const PluginRegistry&) = delete;

  [[nodiscard]] const std::filesystem::path& builtin_folder() const noexcept {
    return builtin_folder_;
  }
  // The built-in names that are there, sorted.
  [[nodiscard]] std::vector<std::string> builtin_names() const;

  // Loads it, or gives the one loaded before. Errors: usage (no such name, with near ones; not
  // there; hash differs; no hash; LD_* set; not fit to load, and why), unsupported (its ABI).
  [[nodiscard]] Result<const LoadedPlugin*> load(const PluginReference& reference);
  [[nodiscard]] static const PluginFacts& facts(const LoadedPlugin& plugin);

  // Checks the settings against the plugin's schema without opening. Errors: usage, one line for
  // each violation joined by "\n", with JSON pointers below /stores/<name>/settings.
  [[nodiscard]] static Result<void> check_settings(const LoadedPlugin& plugin,
                                                   const StoreOptions& options);
  // Checks the settings and opens the store. Errors: usage, and what the plugin returns.
  [[nodiscard]] static Result<std::unique_ptr<StorageBackend>> open_store(
      const LoadedPlugin& plugin, const StoreOptions& options);

 private:
  std::filesystem::path builtin_folder_;
  std::vector<const LoadedPlugin*> loaded_;
};

// Refuses (usage) when LD_LIBRARY_PATH, LD_PRELOAD or LD_AUDIT is set: asked when a plugin with a
// configured hash is to be loaded.
[[nodiscard]] Result<void> check_loader_environment();

}  // namespace cavra
