// Settings of one local WORM store, as the configuration has them. A value.
#pragma once

#include <filesystem>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

enum class Require {
  filesystem,  // the kernel's flags lock, or nothing is stored
  advisory,    // read-only files: anyone who may write there can lift that
};

struct Settings {
  std::filesystem::path root;  // absolute
  Require require = Require::filesystem;
};

// JSON schema (draft-04) of the settings; the host checks them against it.
inline constexpr std::string_view kSettingsSchema = R"({
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title": "Settings of a local-worm store",
  "type": "object",
  "properties": {
    "root": {
      "type": "string",
      "minLength": 1,
      "description": "The store's folder, relative to the configuration file; made by the first put."
    },
    "require": {
      "enum": ["filesystem", "advisory"],
      "description": "filesystem (default): locked by the kernel's flags or refused. advisory: read-only files, NOT LOCKED."
    }
  },
  "required": ["root"],
  "additionalProperties": false
})";

// `base_folder` is where a relative root starts from. Errors: usage.
[[nodiscard]] Result<Settings> parse_settings(std::string_view json, std::string_view base_folder);

}  // namespace cavra::local_worm
