// What differs from run to run, for texts that are compared with those that were looked at.
#pragma once

#include <regex>
#include <string>

namespace cavra::e2e {

[[nodiscard]] inline std::string masked(std::string text) {
  static const std::pair<std::regex, std::string> masks[] = {
      {std::regex("\"sig\": \"[A-Za-z0-9+/=]+\""), "\"sig\": \"<signature>\""},
      {std::regex("\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b"), "<uuid>"},
      {std::regex("\\b[0-9a-f]{64}\\b"), "<sha256>"},
      {std::regex("\\b[0-9a-f]{16}\\b"), "<key id>"},
      {std::regex("\\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\\+00:00)"), "<time>"},
      {std::regex("/[^\\s\"]*/(demo|end-to-end)-[A-Za-z0-9]{6}\\b"), "<folder>"},
  };
  for (const auto& [pattern, name] : masks)
    text = std::regex_replace(text, pattern, name);
  return text;
}

}  // namespace cavra::e2e
