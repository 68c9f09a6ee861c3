#include "session.hpp"

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

constexpr const char* kEmptyConfigOption =
    "--config is given without a file; give one (is a variable empty?), or leave the option out";

// Bytes of buffers that a store may use in all: 8 MiB a worker.
constexpr std::uint64_t kBufferBytesPerWorker = std::uint64_t{8} << 20;

}  // namespace

Session::Session(std::string command, const Arguments& arguments)
    : output_(std::move(command), arguments.flag("json"), arguments.flag("quiet")),
      plugins_(builtin_plugin_folder()) {
  if (arguments.has("config")) config_option_ = arguments.text("config");
}

// Empty where nobody named one and the default file is not there.
std::string Session::config_file() const {
  if (config_option_) return *config_option_;
  const char* const variable = std::getenv("CAVRA_CONFIG");
  if (variable != nullptr && *variable != '\0') return variable;
  std::error_code problem;
  return std::filesystem::exists(kDefaultConfig, problem) ? kDefaultConfig : "";
}

Result<const Config*> Session::config_if_any() {
  if (config_) return &*config_;
  const std::string file = config_file();
  // Another configuration than the one meant would trust other keys.
  if (config_option_ && file.empty()) return Error{ErrorCode::usage, kEmptyConfigOption};
  if (file.empty()) return static_cast<const Config*>(nullptr);
  CAVRA_TRY(config_, Config::load(file));
  return &*config_;
}

Result<const Config*> Session::config() {
  CAVRA_TRY(const Config* found, config_if_any());
  if (found == nullptr)
    return Error{ErrorCode::usage, std::string("there is no ") + kDefaultConfig +
                                       " here; make one with `cavra init`, or name one with "
                                       "--config or $CAVRA_CONFIG"};
  return found;
}

namespace {

StoreOptions store_options(const Config& config, const StoreConfig& store, const std::string& name,
                           std::size_t workers) {
  StoreOptions options;
  options.store_name = name;
  options.settings = store.settings;
  options.base_folder = config.folder;
  options.max_sessions = static_cast<std::uint32_t>(workers + 1);
  options.max_buffer_bytes = kBufferBytesPerWorker * (workers + 1);
  return options;
}

}  // namespace

Result<const LoadedPlugin*> load_store_plugin(Session& session, const Config& config,
                                              const std::string& store_name) {
  CAVRA_TRY(const StoreConfig* store, config.store(store_name));
  CAVRA_TRY(const LoadedPlugin* plugin, session.plugins().load(store->plugin));
  CAVRA_CHECK(
      PluginRegistry::check_settings(*plugin, store_options(config, *store, store_name, 1)));
  return plugin;
}

Result<std::unique_ptr<StorageBackend>> open_store(Session& session, const Config& config,
                                                   const std::string& store_name,
                                                   std::size_t workers) {
  CAVRA_TRY(const StoreConfig* store, config.store(store_name));
  CAVRA_TRY(const LoadedPlugin* plugin, session.plugins().load(store->plugin));
  return PluginRegistry::open_store(*plugin, store_options(config, *store, store_name, workers));
}

}  // namespace cavra::cli
