// The environment, as a function from names to values: tests have their own.
#pragma once

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cloud/wiped_text.hpp"

namespace cavra::cloud {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// Any thread, as long as nobody changes the process's environment.
[[nodiscard]] inline Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* const value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

// "", where it is not there.
[[nodiscard]] inline std::string get(const Environment& environment, std::string_view name) {
  return environment(name).value_or("");
}

// The same, of a secret: no copy of it is left behind here.
[[nodiscard]] inline WipedText get_secret(const Environment& environment, std::string_view name) {
  std::string text = get(environment, name);
  WipedText secret(text);
  wipe(text);
  return secret;
}

}  // namespace cavra::cloud
