#include "program.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace cavra::e2e {

namespace {

constexpr int kNobody = 65534;
constexpr int kTick = 20;  // milliseconds between two looks at what is waited for

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {ends[0], ends[1]};
}

Pipe make_terminal() {
  Pipe terminal;
  const struct winsize size{24, 100, 0, 0};
  if (::openpty(&terminal.read, &terminal.write, nullptr, nullptr, &size) != 0)
    throw std::runtime_error("openpty");
  ::fcntl(terminal.read, F_SETFD, FD_CLOEXEC);
  return terminal;
}

[[noreturn]] void give_up(const char* what) {
  ::perror(what);
  ::_exit(126);
}

void reduce_rights(const RunOptions& options) {
  if (options.drops_immutable && ::prctl(PR_CAPBSET_DROP, CAP_LINUX_IMMUTABLE, 0, 0, 0) != 0)
    give_up("PR_CAPBSET_DROP");
  if (!options.is_nobody) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)
    give_up("setuid");
}

// A signal between fork and exec must find neither doctest's handlers nor the test's own state.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { restore(); }
  void restore() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  void restore_with_default_actions() const {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGSEGV, SIGABRT, SIGFPE, SIGILL})
      ::signal(number, SIG_DFL);
    restore();
  }

 private:
  sigset_t before_{};
};

// In the child: becomes the program.
[[noreturn]] void execute(const Words& words, const RunOptions& options, int in, int out, int err) {
  ::setsid();
  if (options.on_terminal) ::ioctl(in, TIOCSCTTY, 0);
  if (!options.output_to.empty()) {
    out = ::open(options.output_to.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (out < 0) give_up(options.output_to.c_str());
  }
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0)
    give_up(options.folder.c_str());
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::unsetenv("CAVRA_CONFIG");
  for (const auto& [name, value] : options.environment)
    ::setenv(name.c_str(), value.c_str(), 1);
  reduce_rights(options);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing running
  std::vector<char*> arguments;
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  give_up(arguments[0]);
}

void close_end(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// Takes what is there. A terminal whose other side is closed answers EIO.
void take(int& fd, std::string& into) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) close_end(fd);
}

}  // namespace

Process::Process(const Words& words, const RunOptions& options)
    : to_write_(options.input), deadline_(std::chrono::steady_clock::now() + options.limit) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe out = make_pipe();
  Pipe in = options.on_terminal ? make_terminal() : make_pipe();
  Pipe err = options.on_terminal ? Pipe{} : make_pipe();
  const int child_in = options.on_terminal ? in.write : in.read;
  const int child_err = options.on_terminal ? in.write : err.write;
  const BlockedSignals blocked;
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    blocked.restore_with_default_actions();
    execute(words, options, child_in, out.write, child_err);
  }
  close_end(out.write);
  output_ = out.read;
  if (options.on_terminal) {
    close_end(in.write);
    errors_ = in.read;
    input_ = ::fcntl(in.read, F_DUPFD_CLOEXEC, 0);
  } else {
    close_end(in.read);
    close_end(err.write);
    input_ = in.write;
    errors_ = err.read;
  }
  ::fcntl(input_, F_SETFL, O_NONBLOCK);
  write_input();
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_end(input_);
  close_end(output_);
  close_end(errors_);
}

void Process::write_input() {
  while (input_ >= 0 && !to_write_.empty()) {
    const ssize_t written = ::write(input_, to_write_.data(), to_write_.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written <= 0) break;
    to_write_.erase(0, static_cast<std::size_t>(written));
  }
  close_end(input_);
}

bool Process::read_some(int wait_ms) {
  if (output_ < 0 && errors_ < 0) return false;
  std::array<pollfd, 3> ends{{{output_, POLLIN, 0}, {errors_, POLLIN, 0}, {input_, POLLOUT, 0}}};
  if (::poll(ends.data(), ends.size(), wait_ms) <= 0) return true;
  if (ends[0].revents != 0) take(output_, outcome_.out);
  if (ends[1].revents != 0) take(errors_, outcome_.err);
  if (ends[2].revents != 0) write_input();
  return output_ >= 0 || errors_ >= 0;
}

bool Process::wait_for(const std::function<bool()>& happened) {
  while (std::chrono::steady_clock::now() < deadline_) {
    if (happened()) return true;
    if (!read_some(kTick)) return happened();
  }
  return false;
}

void Process::send(int signal) const {
  if (pid_ > 0 && ::kill(-pid_, signal) != 0) ::kill(pid_, signal);
}

Outcome Process::finish() {
  const bool has_ended = !wait_for([] { return false; }) && output_ < 0 && errors_ < 0;
  if (!has_ended) {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    FAIL_CHECK("the program outlived its time limit; it had said: " << outcome_.out
                                                                    << outcome_.err);
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  outcome_.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return std::move(outcome_);
}

Outcome run(const Words& words, const RunOptions& options) {
  return Process(words, options).finish();
}

}  // namespace cavra::e2e
