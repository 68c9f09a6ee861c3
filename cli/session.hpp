// A Session is one run of the program: its output, its configuration, its plugins.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cavra/config.hpp"
#include "cavra/plugin_registry.hpp"
#include "cavra/support/result.hpp"
#include "command.hpp"
#include "output/output.hpp"

namespace cavra::cli {

// The configuration of `cavra init`, relative to the working folder.
inline constexpr const char* kDefaultConfig = ".cavra/config.json";

class Session {
 public:
  Session(std::string command, const Arguments& arguments);

  [[nodiscard]] Output& output() noexcept { return output_; }
  [[nodiscard]] PluginRegistry& plugins() noexcept { return plugins_; }
  // Whether lines of plugins are told (--debug).
  [[nodiscard]] bool wants_debug() const noexcept { return wants_debug_; }
  [[nodiscard]] bool wants_progress() const noexcept {
    return !output_.is_quiet() && !output_.is_json() && !wants_debug_;
  }

  // Where the configuration is, or is looked for: --config, $CAVRA_CONFIG, else kDefaultConfig.
  [[nodiscard]] std::string config_file() const;
  // The configuration. Errors: usage (none found: says how to make one; does not parse).
  [[nodiscard]] Result<const Config*> config();
  // The same, or null where nobody named one and the default file is not there.
  [[nodiscard]] Result<const Config*> config_if_any();

 private:
  Output output_;
  bool wants_debug_;
  PluginRegistry plugins_;
  std::optional<std::string> named_config_;  // by option or environment; none: the default
  std::optional<Config> config_;
};

// The error with its place in the configuration before it, as Config::load tells places: `pointer`
// is a JSON pointer ("/receipt_key"), and goes before each line that begins with none.
[[nodiscard]] Error in_config(const Config& config, std::string_view pointer, const Error& error);

// Loads the plugin and checks the settings, without opening. Errors: usage, unsupported.
[[nodiscard]] Result<const LoadedPlugin*> load_store_plugin(Session& session, const Config& config,
                                                            const std::string& store_name);
// One opening of a store, for so many workers where it does not want more. Errors: those above, and
// what the plugin returns.
[[nodiscard]] Result<std::unique_ptr<StorageBackend>> open_store(Session& session,
                                                                 const Config& config,
                                                                 const std::string& store_name,
                                                                 std::size_t workers);

}  // namespace cavra::cli
