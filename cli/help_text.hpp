// What the program says of itself: the overview, a group of commands, one command.
//
// Lines have at most 96 columns and break between words alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

namespace cavra::cli {

[[nodiscard]] std::string overview_text();
[[nodiscard]] std::string help_text(const Command& command);
// The commands below one word: "evidence". None where no command begins with it.
[[nodiscard]] std::optional<std::string> group_text(const std::string& group);

// The text that the words ask for before any command is parsed: "--help", "help archive",
// "evidence --help". None where they ask for no help. Errors: usage (help for what is not there).
[[nodiscard]] Result<std::optional<std::string>> asked_help(const std::vector<std::string>& words);

}  // namespace cavra::cli
