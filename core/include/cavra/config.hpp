// The configuration file: which stores there are, and what is trusted.
//
// Format: docs/spec/config.md and docs/schemas/config.schema.json. Plain values.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/lock.hpp"
#include "cavra/plugin_registry.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

struct StoreConfig {
  PluginReference plugin;
  JsonValue settings = JsonValue::object();
};

struct Config {
  std::filesystem::path file;    // absolute
  std::filesystem::path folder;  // of the file; relative paths start here
  // All paths are absolute.
  std::optional<std::filesystem::path> trust_roots;
  std::optional<std::filesystem::path> receipt_trust_roots;
  std::optional<std::filesystem::path> receipt_key;
  std::filesystem::path receipts;  // default: "receipts" beside the file
  std::filesystem::path state;     // default: "state" beside the file
  std::optional<Period> minimum_retention;
  std::optional<LockMode> minimum_mode;
  bool accept_hmac = false;
  std::map<std::string, StoreConfig> stores;

  // Errors: usage (not there; others may write it; no JSON; unknown members and wrong types with
  // JSON pointers, one line each).
  [[nodiscard]] static Result<Config> load(const std::filesystem::path& file);
  [[nodiscard]] static Result<Config> parse(std::string_view text,
                                            const std::filesystem::path& file);

  // Errors: usage, with the near names.
  [[nodiscard]] Result<const StoreConfig*> store(const std::string& name) const;
};

// The schema of the file, as docs/schemas/config.schema.json has it.
[[nodiscard]] std::string_view config_schema();

}  // namespace cavra
