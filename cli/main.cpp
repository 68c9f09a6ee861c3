// The program: finds the command, parses its words, runs it, and gives its exit status.

#include <sys/prctl.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>

#include "anchor_options.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "command.hpp"
#include "early_end.hpp"
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
  set_running_command(command.name, arguments->flag("json"));
  Session session(command.name, *arguments);
  int exit = command.run(*arguments, session);
  if (exit == exit_code(ErrorCode::cancelled)) exit = interrupted_exit_code();
  return session.output().finish(exit);
}

int run(const std::vector<std::string>& typed) {
  if (typed.empty()) return show(overview_text(), kExitUsage);
  // Before anything repeats it.
  if (std::ranges::any_of(typed, holds_private_key))
    return fail_early(
        "", typed,
        {ErrorCode::usage,
         "a private key stands among the words: give a file name; it is in the process "
         "list and the shell's history now: replace it"});
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

// A bug, or no memory: told as any failure, as far as memory goes.
int fail_late(const std::vector<std::string>& words, const char* problem) noexcept {
  try {
    std::vector<std::string> rest = words;
    const auto command = find_command(rest);
    return fail_early(
        command ? (*command)->name : "", words,
        {ErrorCode::internal, "a bug or exhausted memory: " + printable(problem, 1000)});
  } catch (...) {
    std::fputs("cavra: a bug or exhausted memory\n", stderr);
    return kExitStore;
  }
}

int run_caught(const std::vector<std::string>& words) noexcept {
  try {
    return run(words);
  } catch (const std::exception& problem) {
    return fail_late(words, problem.what());
  } catch (...) {
    return fail_late(words, "an unknown exception");
  }
}

}  // namespace

}  // namespace cavra::cli

int main(int argc, char** argv) {
  cavra::cli::watch_for_early_end();
  // A core dump would hold keys, and /proc/self/mem of this process is nobody's business.
  ::prctl(PR_SET_DUMPABLE, 0);
  cavra::cli::install_signal_handlers();
  return cavra::cli::end_with(cavra::cli::run_caught({argv + 1, argv + argc}));
}
