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

bool will_ask(const Arguments& arguments, const Output& output) {
  return !arguments.flag("yes") && ::isatty(STDIN_FILENO) == 1 && !output.is_json();
}

void say_before_asking(const Arguments& arguments, Output& output, std::string_view line) {
  if (will_ask(arguments, output))
    output.warn(line);
  else
    output.note(line);
}

Result<void> confirm(const Arguments& arguments, const Output& output, std::string_view question,
                     std::string_view nothing) {
  if (arguments.flag("yes")) return {};
  if (!will_ask(arguments, output))
    return Error{
        ErrorCode::refused,
        "this needs a yes, and there is nobody to ask (no terminal, or --json): say --yes"};
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  const bool has_answer = wait_for_line() && std::getline(std::cin, answer);
  if (!has_answer) std::cerr << '\n';  // the terminal's line ends with the question
  if (is_interrupted()) return Error{ErrorCode::cancelled, "interrupted; " + std::string(nothing)};
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return Error{ErrorCode::refused, std::string(nothing) + ": the answer was not yes"};
}

}  // namespace cavra::cli
