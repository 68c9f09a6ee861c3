// Runs programs as a person or a job does: with pipes or on a terminal, within a time limit.
//
// The harness knows nothing of what it runs. A program that outlives its limit is killed, and the
// test fails with what it had said. Not for tests with threads: it forks.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cavra::e2e {

using Words = std::vector<std::string>;

struct RunOptions {
  std::filesystem::path folder = {};                    // the working folder
  std::map<std::string, std::string> environment = {};  // set beside what the test has itself
  std::string input = {};                               // standard input; the end comes after it
  bool on_terminal = false;  // standard input and error are one terminal: `err` has what it shows
  bool drops_immutable = false;          // run without CAP_LINUX_IMMUTABLE
  bool is_nobody = false;                // run as the user nobody, without any capability
  std::filesystem::path output_to = {};  // standard output goes there, not into `out`
  std::chrono::seconds limit{120};
};

struct Outcome {
  int exit = -1;  // 128 + N where signal N ended it
  std::string out;
  std::string err;
};

// One running program. Killed with the object, unless finish() was called.
class Process {
 public:
  Process(const Words& words, const RunOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Reads what the program writes until `happened` is true. False where it ended or the limit
  // passed before.
  [[nodiscard]] bool wait_for(const std::function<bool()>& happened);
  void send(int signal) const;  // as a terminal does: to all of its process group
  [[nodiscard]] const Outcome& so_far() const noexcept { return outcome_; }
  Outcome finish();

 private:
  bool read_some(int wait_ms);  // false: all its outputs have ended
  void write_input();

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string to_write_;
  std::chrono::steady_clock::time_point deadline_;
  Outcome outcome_;
};

[[nodiscard]] Outcome run(const Words& words, const RunOptions& options = {});

}  // namespace cavra::e2e
