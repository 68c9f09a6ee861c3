#include "confirm.hpp"

#include <poll.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "signals.hpp"

namespace cavra::cli {

namespace {

// Waits until a line, or the end, can be read from standard input; false where interrupted. The
// signal may come before the waiting, or to another thread: so it looks again now and then.
bool wait_for_line() {
  constexpr int kLookMs = 200;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (!is_interrupted())
    if (::poll(&input, 1, kLookMs) > 0) return true;
  return false;
}

}  // namespace

Result<void> confirm(const Arguments& arguments, const Output& output, std::string_view question) {
  if (arguments.flag("yes")) return {};
  if (::isatty(STDIN_FILENO) != 1 || output.is_json())
    return Error{ErrorCode::refused,
                 "a lock cannot be undone, and there is no terminal to ask on: say --yes"};
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  const bool has_answer = wait_for_line() && std::getline(std::cin, answer);
  if (!has_answer) std::cerr << '\n';  // the terminal's line ends with the question
  if (is_interrupted()) return Error{ErrorCode::cancelled, "interrupted; nothing was stored"};
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return Error{ErrorCode::refused, "nothing was stored: the answer was not yes"};
}

}  // namespace cavra::cli
