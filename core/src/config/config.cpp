#include "cavra/config.hpp"

#include <system_error>

#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "config/config_check.hpp"

namespace cavra {
namespace {

// Stores are few and their settings short; a file of this size is something else.
constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20;

Result<std::filesystem::path> absolute_path(const std::filesystem::path& file) {
  std::error_code failed;
  std::filesystem::path absolute = std::filesystem::absolute(file, failed);
  if (failed)
    return Error{ErrorCode::usage,
                 "the config " + cavra::quoted(file.native()) + ": " + failed.message()};
  return absolute;
}

// One line for each problem: "<file>#<pointer>: …".
Error refusal(const std::filesystem::path& file,
              const std::vector<detail::ConfigProblem>& problems) {
  Error error{ErrorCode::usage, ""};
  for (const auto& [pointer, problem] : problems) {
    if (!error.message.empty()) error.message += '\n';
    error.message +=
        printable(file.native()) + '#' + printable(pointer, 400) + ": " + printable(problem, 800);
  }
  return error;
}

const std::string* text_of(const JsonValue& document, std::string_view name) {
  const JsonValue* value = document.find(name);
  return value == nullptr ? nullptr : value->if_string();
}

// Takes a document that has no problems.
class ConfigReader {
 public:
  ConfigReader(const JsonValue& document, Config& config) : document_(document), config_(config) {}

  Result<void> read() {
    config_.trust_roots = path("trust_roots");
    config_.receipt_trust_roots = path("receipt_trust_roots");
    config_.receipt_key = path("receipt_key");
    config_.receipts = path("receipts").value_or(config_.folder / "receipts");
    config_.state = path("state").value_or(config_.folder / "state");
    if (const std::string* text = text_of(document_, "minimum_retention")) {
      CAVRA_TRY(config_.minimum_retention, parse_period(*text));
    }
    if (const std::string* text = text_of(document_, "minimum_mode")) {
      CAVRA_TRY(config_.minimum_mode, parse_lock_mode(*text));
    }
    if (const JsonValue* accept = document_.find("accept_hmac"))
      config_.accept_hmac = *accept->if_bool();
    if (const JsonValue* stores = document_.find("stores")) {
      for (const JsonMember& store : *stores->if_object())
        config_.stores.emplace(store.name, read_store(store.value));
    }
    return {};
  }

 private:
  std::optional<std::filesystem::path> path(std::string_view name) const {
    const std::string* text = text_of(document_, name);
    if (text == nullptr) return std::nullopt;
    return config_.folder / *text;  // an absolute one stands for itself
  }

  StoreConfig read_store(const JsonValue& value) const {
    StoreConfig store;
    const JsonValue& plugin = *value.find("plugin");
    if (const std::string* name = plugin.if_string()) {
      store.plugin.name = *name;
    } else {
      store.plugin.path = config_.folder / *text_of(plugin, "path");
      store.plugin.sha256 = *text_of(plugin, "sha256");
    }
    if (const JsonValue* settings = value.find("settings")) store.settings = *settings;
    return store;
  }

  const JsonValue& document_;
  Config& config_;
};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "\"" : ", \"") + name + '"';
  return text;
}

}  // namespace

Result<Config> Config::load(const std::filesystem::path& file) {
  if (is_key_text(file.native()))
    return Error{ErrorCode::usage, "the name of the config has a line break, or is a key"};
  CAVRA_TRY(const std::filesystem::path absolute, absolute_path(file));
  std::error_code failed;
  if (std::filesystem::status(absolute, failed).type() == std::filesystem::file_type::not_found)
    return Error{ErrorCode::usage, "there is no config " + cavra::quoted(absolute.native()) +
                                       "; `cavra init` makes one, or name another with --config"};
  CAVRA_TRY(const std::string text,
            read_trust_file(absolute.native(), kMaxConfigBytes, ChosenBy::config));
  return parse(text, absolute);
}

Result<Config> Config::parse(std::string_view text, const std::filesystem::path& file) {
  Config config;
  CAVRA_TRY(config.file, absolute_path(file));
  config.folder = config.file.parent_path();
  const auto document = parse_json(text);
  if (!document) return refusal(config.file, {{"", document.error().message}});
  CAVRA_TRY(const auto problems, detail::config_problems(*document));
  if (!problems.empty()) return refusal(config.file, problems);
  CAVRA_CHECK(ConfigReader(*document, config).read());
  return config;
}

Result<const StoreConfig*> Config::store(const std::string& name) const {
  if (const auto found = stores.find(name); found != stores.end()) return &found->second;
  std::vector<std::string> names;
  names.reserve(stores.size());
  for (const auto& [known, store] : stores)
    names.push_back(known);
  std::string message =
      "there is no store " + cavra::quoted(name, 80) + " in " + printable(file.native());
  if (const auto near = near_words(name, names); !near.empty())
    message += "; did you mean " + joined(near) + '?';
  message += names.empty() ? "; it has no stores" : "; it has " + printable(joined(names));
  return Error{ErrorCode::usage, std::move(message)};
}

}  // namespace cavra
