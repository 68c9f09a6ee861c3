// The program: finds the command, parses its words, runs it, and gives its exit status.

#include <sys/prctl.h>

#include <cstdio>
#include <exception>
#include <iostream>

#include "anchor_options.hpp"
#include "cavra/support/encoding.hpp"
#include "command.hpp"
#include "help_text.hpp"
#include "output/exit_code.hpp"
#include "output/output.hpp"
#include "session.hpp"
#include "signals.hpp"

namespace cavra::cli {

namespace {

bool asks_json(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (word == "--json") return true;
  return false;
}

int fail_early(const std::string& command, const std::vector<std::string>& words,
               const Error& error) {
  Output output(command, asks_json(words), false);
  return output.finish(output.fail(error));
}

bool is_version_option(const std::string& word) {
  return word == "--version" || word == "-v" || word == "-V";
}

// A text on standard output; `exit` where it can be written.
int show(const std::string& text, int exit) {
  Output output("", false, false);
  std::cout << text;
  return output.finish(exit);
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(command, words);
  if (!arguments) return fail_early(command.name, words, arguments.error());
  if (arguments->has("help")) return show(help_text(command), kExitDone);
  Session session(command.name, *arguments);
  int exit = command.run(*arguments, session);
  if (exit == exit_code(ErrorCode::cancelled)) exit = interrupted_exit_code();
  return session.output().finish(exit);
}

int run(const std::vector<std::string>& typed) {
  if (typed.empty()) return show(overview_text(), kExitUsage);
  std::vector<std::string> words = typed;
  const std::vector<std::string> leading = take_leading_options(words);
  const bool has_secret = has_secret_option(typed);
  if (!has_secret) {
    const auto help = asked_help(words);
    if (!help) return fail_early("", typed, help.error());
    if (*help) return show(**help, kExitDone);
  }
  if (!words.empty() && is_version_option(words[0])) words[0] = "version";
  const auto command = find_command(words);
  if (has_secret)
    return fail_early(command ? (*command)->name : "", typed,
                      {ErrorCode::usage,
                       "--key puts a secret on the command line, where other users and logs see "
                       "it; write it to a file and use --hmac-key-file FILE"});
  if (!command) return fail_early("", typed, command.error());
  words.insert(words.begin(), leading.begin(), leading.end());
  return run_command(**command, words);
}

}  // namespace

}  // namespace cavra::cli

int main(int argc, char** argv) {
  // A core dump would hold keys, and /proc/self/mem of this process is nobody's business.
  ::prctl(PR_SET_DUMPABLE, 0);
  cavra::cli::install_signal_handlers();
  try {
    return cavra::cli::run({argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << "cavra: a bug or exhausted memory: " << problem.what() << '\n';
    return cavra::cli::kExitStore;
  }
}
