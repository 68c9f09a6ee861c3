#include "early_end.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>

#include "output/exit_code.hpp"
#include "output/output.hpp"

namespace cavra::cli {

namespace {

// An exit handler gets no context, so this is the program's one state of its own.
constexpr int kStillRunning = -1;
std::atomic<int> main_status{kStillRunning};

struct Running {
  std::string command;
  bool is_json = false;
};
// Never destroyed: it is read while the process ends.
Running& running() {
  static auto& only = *new Running;
  return only;
}

[[noreturn]] void tell_early_end() noexcept {
  try {
    const Running& now = running();
    Output output(now.command, now.is_json, false);
    ::_exit(output.finish(
        output.fail({ErrorCode::internal,
                     "a plugin, or a library of one, ended the program before `cavra" +
                         (now.command.empty() ? "" : " " + now.command) +
                         "` was done; that is a bug in it, and nothing that was not told counts "
                         "as done: mend or replace the plugin, and run again"})));
  } catch (...) {
    ::_exit(kExitStore);
  }
}

void on_exit_of_process(int status, void* /*nothing*/) {
  const int own = main_status.load();
  if (own == kStillRunning) tell_early_end();
  if (status != own) ::_exit(own);  // a handler of a plugin's called exit() once more
}

}  // namespace

void watch_for_early_end() {
  running();
  // Not atexit(): that does not tell the status. glibc has on_exit(3) besides.
  ::on_exit(on_exit_of_process, nullptr);
  std::at_quick_exit([] { on_exit_of_process(kStillRunning, nullptr); });
}

void set_running_command(const std::string& command, bool is_json) {
  running() = {command, is_json};
}

int end_with(int exit) noexcept {
  main_status.store(exit);
  return exit;
}

}  // namespace cavra::cli
