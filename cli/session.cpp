#include "session.hpp"

#include <algorithm>
#include <cstdlib>

#include "cavra/support/encoding.hpp"

namespace cavra::cli {

namespace {

// Beside the program: ../lib/cavra/plugins, in the build folder as where it is installed.
std::filesystem::path builtin_plugin_folder() {
  std::error_code problem;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", problem);
  if (problem) return "/usr/lib/cavra/plugins";
  return program.parent_path().parent_path() / "lib/cavra/plugins";
}

// By option, also an empty one, or by the environment; none: the default.
std::optional<std::string> named_config(const Arguments& arguments) {
  if (arguments.has("config")) return arguments.text("config");
  const char* const variable = std::getenv("CAVRA_CONFIG");
  if (variable != nullptr && *variable != '\0') return std::string(variable);
  return std::nullopt;
}

constexpr const char* kEmptyConfigOption =
    "--config is given without a file; give one (is a variable empty?), or leave the option out";

// Bytes of buffers that a store may use in all: 8 MiB a worker.
constexpr std::uint64_t kBufferBytesPerWorker = std::uint64_t{8} << 20;

}  // namespace

Session::Session(std::string command, const Arguments& arguments)
    : output_(std::move(command), arguments.flag("json"), arguments.flag("quiet")),
      wants_debug_(arguments.flag("debug")),
      plugins_(builtin_plugin_folder()),
      named_config_(named_config(arguments)) {}

std::string Session::config_file() const {
  return named_config_.value_or(kDefaultConfig);
}

Result<const Config*> Session::config_if_any() {
  if (config_) return &*config_;
  // Another configuration than the one meant would trust other keys.
  if (named_config_ && named_config_->empty()) return Error{ErrorCode::usage, kEmptyConfigOption};
  std::error_code problem;
  if (!named_config_ && !std::filesystem::exists(kDefaultConfig, problem))
    return static_cast<const Config*>(nullptr);
  CAVRA_TRY(config_, Config::load(config_file()));
  return &*config_;
}

Result<const Config*> Session::config() {
  CAVRA_TRY(const Config* found, config_if_any());
  if (found == nullptr)
    return Error{ErrorCode::usage, std::string("there is no ") + kDefaultConfig +
                                       " in the current folder (no other is searched); make "
                                       "one with `cavra init`, or name one with --config or "
                                       "$CAVRA_CONFIG"};
  return found;
}

namespace {

StoreOptions store_options(const Config& config, const StoreConfig& store, const std::string& name,
                           std::size_t workers) {
  StoreOptions options;
  options.store_name = name;
  options.settings = store.settings;
  options.base_folder = config.folder;
  options.state_folder = config.state / "stores" / name;
  options.max_sessions = static_cast<std::uint32_t>(workers + 1);
  options.max_buffer_bytes = kBufferBytesPerWorker * (workers + 1);
  return options;
}

}  // namespace

Error in_config(const Config& config, std::string_view pointer, const Error& error) {
  const std::string file = printable(config.file.native()) + '#';
  Error placed{error.code, "", error.retryable};
  std::string_view rest = error.message;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (!placed.message.empty()) placed.message += '\n';
    placed.message += file;
    if (!line.starts_with("/stores/")) placed.message += std::string(pointer) + ": ";
    placed.message += line;
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return placed;
}

Result<const LoadedPlugin*> load_store_plugin(Session& session, const Config& config,
                                              const std::string& store_name) {
  CAVRA_TRY(const StoreConfig* store, config.store(store_name));
  CAVRA_TRY(const LoadedPlugin* plugin, session.plugins().load(store->plugin));
  const auto checked =
      PluginRegistry::check_settings(*plugin, store_options(config, *store, store_name, 1));
  if (!checked) return in_config(config, "/stores", checked.error());
  return plugin;
}

Result<std::unique_ptr<StorageBackend>> open_store(Session& session, const Config& config,
                                                   const std::string& store_name,
                                                   std::size_t workers) {
  CAVRA_TRY(const LoadedPlugin* plugin, load_store_plugin(session, config, store_name));
  CAVRA_TRY(const StoreConfig* store, config.store(store_name));
  StoreOptions options = store_options(config, *store, store_name, workers);
  if (session.wants_debug())
    options.log = [store_name](std::string_view line) { tell_debug(store_name, line); };
  return PluginRegistry::open_store(*plugin, options);
}

}  // namespace cavra::cli
