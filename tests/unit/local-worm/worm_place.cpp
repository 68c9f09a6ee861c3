#include "worm_place.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <future>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "cavra/support/file_descriptor.hpp"

#if defined(__SANITIZE_THREAD__)
// What in_child() starts has threads of its own: the plugin's.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options() {
  return "die_after_fork=0";
}
#endif

namespace worm_test {
namespace {

namespace fs = std::filesystem;
using cavra::FileDescriptor;

bool must_run(const std::string& kind) {
  const char* const list = std::getenv("CAVRA_TEST_MUST_RUN");
  return list != nullptr &&
         ("," + std::string(list) + ",").find("," + kind + ",") != std::string::npos;
}

// Started before main(), so before any thread has come into the plugin.
class PrivilegedThread {
 public:
  PrivilegedThread() : thread_([this] { serve(); }) {
    for (const auto& task : fs::directory_iterator("/proc/self/task"))
      if (task.path().filename() != std::to_string(::gettid()))
        with_it_.push_back(task.path().filename());
  }
  ~PrivilegedThread() {
    run({});
    thread_.join();
  }
  PrivilegedThread(const PrivilegedThread&) = delete;
  PrivilegedThread& operator=(const PrivilegedThread&) = delete;

  // No body ends the thread.
  void run(std::function<void()> body) {
    std::packaged_task<void()> task(body ? body : [] {});
    auto done = task.get_future();
    {
      const std::scoped_lock lock(mutex_);
      is_over_ = !body;
      tasks_.push_back(std::move(task));
    }
    has_task_.notify_one();
    done.get();  // throws what `body` threw
  }
  [[nodiscard]] bool is_this() const { return std::this_thread::get_id() == thread_.get_id(); }
  [[nodiscard]] const std::vector<std::string>& with_it() const { return with_it_; }

 private:
  void serve() {
    for (bool is_last = false; !is_last;) {
      std::unique_lock lock(mutex_);
      has_task_.wait(lock, [&] { return !tasks_.empty(); });
      std::packaged_task<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      is_last = is_over_;
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable has_task_;
  std::deque<std::packaged_task<void()>> tasks_;
  bool is_over_ = false;
  std::vector<std::string> with_it_;
  std::thread thread_;  // the last: it uses the others
};
PrivilegedThread privileged;

bool has_capability() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  ::syscall(SYS_capget, &header, data.data());
  return (data[0].effective & CAP_TO_MASK(CAP_LINUX_IMMUTABLE)) != 0;
}

void set_capabilities(std::uint32_t low, std::uint32_t high) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  data[0] = {.effective = low, .permitted = low, .inheritable = 0};
  data[1] = {.effective = high, .permitted = high, .inheritable = 0};
  if (::syscall(SYS_capset, &header, data.data()) != 0) ::_exit(97);
}

bool may_lock() {
  bool has_it = false;
  with_privilege([&] { has_it = has_capability(); });
  return has_it;
}

FileDescriptor open_any(const fs::path& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throw std::runtime_error("open " + path.string() + ": " + std::strerror(errno));
  return fd;
}

void change_flags(const fs::path& path, int set, int clear) {
  const FileDescriptor fd = open_any(path);
  int flags = 0;
  REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
  flags = (flags | set) & ~clear;
  with_privilege([&] { REQUIRE(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0); });
}

}  // namespace

// ---- places ------------------------------------------------------------------------------------

std::optional<fs::path> new_place(const std::string& kind, bool needs_capability) {
  std::string variable = "CAVRA_TEST_" + kind;
  std::ranges::transform(variable, variable.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  const char* const mounted = std::getenv(variable.c_str());
  std::string lack;
  if (mounted == nullptr) lack = variable + " is not set (see tests/support/loop-mount.sh)";
  if (lack.empty() && needs_capability && !may_lock()) lack = "no CAP_LINUX_IMMUTABLE";
  if (!lack.empty()) {
    const std::string line = "left out on " + kind + ": " + lack;
    if (must_run(kind)) {
      FAIL(line);
    }
    MESSAGE(line);
    return std::nullopt;
  }
  static std::atomic<int> count = 0;
  const fs::path place = fs::path(mounted) / ("case-" + std::to_string(++count));
  fs::create_directory(place);
  fs::permissions(place, fs::perms::all);
  return place;
}

std::vector<fs::path> new_lockable_places() {
  std::vector<fs::path> places;
  for (const char* const kind : {"ext4", "xfs", "btrfs"}) {
    if (const auto place = new_place(kind)) places.push_back(*place);
  }
  return places;
}

TemporaryFolder::TemporaryFolder()
    : path([] {
        std::string name = (fs::temp_directory_path() / "cavra-worm-test.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        return name;
      }()) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// ---- being hard on it
// ----------------------------------------------------------------------------

bool has_flag(const fs::path& path, int flag) {
  const FileDescriptor fd = open_any(path);
  int flags = 0;
  REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
  return (flags & flag) != 0;
}

void clear_flags(const fs::path& path) {
  change_flags(path, 0, kImmutable | kAppendOnly);
}
void set_flag(const fs::path& path, int flag) {
  change_flags(path, flag, 0);
}

std::string read_attribute(const fs::path& path, const char* name) {
  std::array<char, 4096> value;
  const ssize_t size = ::getxattr(path.c_str(), name, value.data(), value.size());
  return size < 0 ? "" : std::string(value.data(), static_cast<std::size_t>(size));
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> tree_of(const fs::path& root) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    paths.push_back(fs::relative(entry.path(), root).string());
  std::ranges::sort(paths);
  return paths;
}

void with_privilege(const std::function<void()>& body) {
  if (privileged.is_this()) return body();
  privileged.run(body);
}

const std::vector<std::string>& threads_of_the_tests() {
  return privileged.with_it();
}

namespace {

pid_t fork_into(int out, const std::function<void()>& prepare,
                const std::function<std::string()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  std::string text;
  try {
    prepare();
    text = body();
  } catch (const std::exception& thrown) {
    text = std::string("threw ") + thrown.what();
  } catch (...) {
    text = "threw";
  }
  const ssize_t written = ::write(out, text.data(), text.size());
  ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 98);
}

}  // namespace

std::string in_child(const std::function<void()>& prepare,
                     const std::function<std::string()>& body) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const FileDescriptor out(ends[0]);
  FileDescriptor in(ends[1]);
  // The child goes on as this thread.
  pid_t child = -1;
  with_privilege([&] { child = fork_into(in.get(), prepare, body); });
  REQUIRE(child >= 0);
  in.reset();
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t got = 0; (got = ::read(out.get(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  return text;
}

void drop_capability() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  ::syscall(SYS_capget, &header, data.data());
  set_capabilities(data[0].permitted & ~CAP_TO_MASK(CAP_LINUX_IMMUTABLE), data[1].permitted);
}

void become_user(unsigned uid) {
  if (::setresgid(uid, uid, uid) != 0 || ::setresuid(uid, uid, uid) != 0) ::_exit(96);
}

void become_user_with_capability(unsigned uid) {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) ::_exit(95);
  become_user(uid);
  set_capabilities(CAP_TO_MASK(CAP_LINUX_IMMUTABLE), 0);
}

}  // namespace worm_test
