// A Command is one verb of the program: what it takes, what it says in --help, and what it does.
//
// The table of all commands is in cli/commands/all.cpp. Boost.Program_options stays in command.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"

namespace cavra::cli {

class Session;

// One option or flag of a command.
struct Option {
  enum class Kind { flag, value, values };
  std::string name;  // without dashes
  Kind kind = Kind::value;
  std::string metavar;  // "FILE"
  std::string help;
  std::string default_value;  // shown in --help; empty: none
};

// What the command line said, after parsing.
class Arguments {
 public:
  [[nodiscard]] bool has(const std::string& option) const;  // given, not merely its default
  [[nodiscard]] bool flag(const std::string& option) const;
  // The value given, else the default, else "".
  [[nodiscard]] std::string text(const std::string& option) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& option) const;
  // Errors: usage (not a whole number within the bounds, naming the option).
  [[nodiscard]] Result<std::int64_t> integer(const std::string& option, std::int64_t least,
                                             std::int64_t most) const;
  [[nodiscard]] const std::vector<std::string>& positional() const noexcept { return positional_; }
  [[nodiscard]] const std::string& positional(std::size_t index) const {
    return positional_.at(index);
  }

 private:
  friend struct ArgumentParser;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> defaults_;
  std::vector<std::string> positional_;
};

struct Command {
  std::string name;       // "evidence verify"
  std::string arguments;  // "BUNDLE", "TRUST_ROOT..."
  std::size_t least_positional = 0;
  std::size_t most_positional = 0;
  std::string summary;   // one line
  std::string details;   // paragraphs below the usage line
  std::string examples;  // lines as typed
  std::vector<Option> options;
  // The exit status; what is to be told goes to the session's output.
  int (*run)(const Arguments& arguments, Session& session) = nullptr;
};

// All commands, in the order of the help text.
[[nodiscard]] std::span<const Command> all_commands();

// The options that every command has: --config, --json, --quiet, --debug, --help.
[[nodiscard]] std::span<const Option> common_options();

// Takes --config, --json, --quiet and --debug off the front, where they stand before the command.
[[nodiscard]] std::vector<std::string> take_leading_options(std::vector<std::string>& words);

// Finds the command that the words begin with and removes its words. Errors: usage, with the near
// names.
[[nodiscard]] Result<const Command*> find_command(std::vector<std::string>& words);

// Parses what follows the command's name. An unknown option is told by its name alone: what stands
// after "=" may be a secret. Errors: usage.
[[nodiscard]] Result<Arguments> parse_arguments(const Command& command,
                                                const std::vector<std::string>& words);

}  // namespace cavra::cli
