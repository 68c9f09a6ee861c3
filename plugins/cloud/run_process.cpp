#include "cloud/run_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/file_descriptor.hpp"

namespace cavra::cloud {
namespace {

constexpr int kTickMs = 100;

Error failed(ErrorCode code, const std::string& program, const std::string& problem) {
  return {code, "run " + quoted(program) + ": " + problem, false};
}

Error failed(const Error& error, const std::string& program) {
  return {error.code, "run " + quoted(program) + ": " + error.message + "; it was killed",
          error.retryable};
}

std::string words_of(int problem) {
  return std::generic_category().message(problem);
}

// Of posix_spawn(): no input, the pipe as output, no other file, no signal blocked.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  // 0, or errno's number.
  int spawn(std::vector<std::string> words, pid_t& pid) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    return ::posix_spawnp(&pid, arguments.front(), &files_, &attributes_, arguments.data(),
                          environ);
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

class Child {
 public:
  // By number: glibc 2.36 declares pidfd_open() for C alone.
  explicit Child(pid_t pid)
      : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    (void)reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Readable when the program has ended.
  [[nodiscard]] int ended() const { return ended_.get(); }
  // Waits for its end. Nothing: somebody else in this process took its status.
  std::optional<int> reap() {
    const pid_t pid = std::exchange(pid_, -1);
    int status = 0;
    pid_t got = 0;
    do
      got = ::waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    return got == pid ? std::optional<int>(status) : std::nullopt;
  }

 private:
  pid_t pid_;
  FileDescriptor ended_;
};

// What comes through the pipe; its memory does not move, so that nothing is left behind.
class Output {
 public:
  Output(FileDescriptor pipe, std::size_t max_bytes)
      : pipe_(std::move(pipe)), text_(max_bytes + 1, '\0') {}

  // -1 after the end.
  [[nodiscard]] int pipe() const { return pipe_.get(); }
  [[nodiscard]] bool is_too_long() const { return size_ == text_.size(); }
  // Takes all that is there. 0, or errno's number.
  int take() {
    while (pipe_ && !is_too_long()) {
      const ssize_t got = ::read(pipe_.get(), text_.data() + size_, text_.size() - size_);
      if (got > 0) {
        size_ += static_cast<std::size_t>(got);
      } else if (got == 0) {
        pipe_.reset();
      } else if (errno != EINTR) {
        return errno == EAGAIN ? 0 : errno;
      }
    }
    return 0;
  }
  [[nodiscard]] WipedText text() && {
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  FileDescriptor pipe_;
  WipedText text_;
  std::size_t size_ = 0;
};

// Until the program has ended. A child of it may hold the pipe open for longer: that is not waited
// for.
Result<void> take_all(const Child& child, Output& output, const std::string& program,
                      const sdk::Call& call) {
  for (bool has_ended = false; !has_ended;) {
    if (const auto may_go_on = call.check(); !may_go_on) return failed(may_go_on.error(), program);
    std::array<pollfd, 2> watched{{{output.pipe(), POLLIN, 0}, {child.ended(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), kTickMs) < 0 && errno != EINTR)
      return failed(ErrorCode::io, program, words_of(errno));
    has_ended = watched[1].revents != 0;  // seen before the last read
    if (const int problem = output.take(); problem != 0)
      return failed(ErrorCode::io, program, words_of(problem));
    if (output.is_too_long()) return failed(ErrorCode::usage, program, "it prints too much");
  }
  return {};
}

Result<void> judge(std::optional<int> status, const std::string& program) {
  if (!status) return failed(ErrorCode::io, program, "how it ended is not known");
  if (WIFSIGNALED(*status))
    return failed(ErrorCode::usage, program,
                  "it was ended by signal " + std::to_string(WTERMSIG(*status)));
  if (WEXITSTATUS(*status) != 0)
    return failed(ErrorCode::usage, program,
                  "it ended with status " + std::to_string(WEXITSTATUS(*status)) +
                      "; it may have said why on stderr");
  return {};
}

}  // namespace

Result<WipedText> run_process(const std::vector<std::string>& words, std::size_t max_bytes,
                              const sdk::Call& call) {
  CAVRA_CHECK(call.check());
  const std::string& program = words.front();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(ErrorCode::io, program, words_of(errno));
  Output output{FileDescriptor(ends[0]), max_bytes};
  FileDescriptor input(ends[1]);
  if (::fcntl(output.pipe(), F_SETFL, O_NONBLOCK) != 0)
    return failed(ErrorCode::io, program, words_of(errno));

  pid_t pid = 0;
  if (const int problem = SpawnSettings(input.get()).spawn(words, pid); problem != 0)
    return failed(ErrorCode::usage, program, words_of(problem));
  Child child(pid);
  input.reset();
  if (child.ended() < 0) return failed(ErrorCode::io, program, words_of(errno));
  CAVRA_CHECK(take_all(child, output, program, call));
  CAVRA_CHECK(judge(child.reap(), program));
  return std::move(output).text();
}

}  // namespace cavra::cloud
