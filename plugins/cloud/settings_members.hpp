// Reads the settings of a store, which the host has checked against the schema already.
//
// Pure: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::cloud {

class SettingsMembers {
 public:
  // Errors: usage.
  [[nodiscard]] static Result<SettingsMembers> parse(std::string_view json);
  SettingsMembers(SettingsMembers&&) noexcept;
  ~SettingsMembers();

  // `otherwise`, where it is missing.
  [[nodiscard]] std::string text(const char* name, std::string_view otherwise = {}) const;
  [[nodiscard]] std::uint64_t number(const char* name, std::uint64_t otherwise) const;
  // The member "prefix", without a slash at its end. Errors: usage (parts that no key can have).
  [[nodiscard]] Result<std::string> prefix() const;
  // The member "ca_file", from `base_folder` on; or empty.
  [[nodiscard]] std::string ca_file(std::string_view base_folder) const;
  [[nodiscard]] bool has(const char* name) const;

 private:
  struct State;
  explicit SettingsMembers(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// "/bucket: it is missing"
[[nodiscard]] Error wrong_setting(std::string_view member, std::string_view why);

}  // namespace cavra::cloud
