#include "sealing_thread.hpp"

#include <linux/capability.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "capability.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

// Read, then write: ext4 files carry flags of the system's own, such as extents (0x80000). The
// ioctls are numbered as if they took a long; the kernel copies an int.
void set_flag(FlagJob& job) {
  int flags = 0;
  job.problem = 0;
  if (::ioctl(job.fd, FS_IOC_GETFLAGS, &flags) != 0) {
    job.problem = errno;
    return;
  }
  const unsigned before = static_cast<unsigned>(flags);
  // Immutable forbids more than append-only: what has it needs no other.
  if ((before & (job.flag | FS_IMMUTABLE_FL)) != 0) return;
  flags = static_cast<int>(before | job.flag);
  if (::ioctl(job.fd, FS_IOC_SETFLAGS, &flags) != 0) job.problem = errno;
}

void set_all(std::span<FlagJob> jobs) {
  for (FlagJob& job : jobs)
    set_flag(job);
}

// What waits for the sealing thread, and the thread's life.
class Queue {
 public:
  Queue() : process_(::getpid()) {}

  void run(std::span<FlagJob> jobs) {
    Errand errand{.jobs = jobs};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&errand);
    has_work_.notify_one();
    has_done_.wait(lock, [&] { return errand.is_done; });
  }

  [[noreturn]] void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      has_work_.wait(lock, [&] { return !waiting_.empty(); });
      Errand* const errand = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      set_all(errand->jobs);
      lock.lock();
      errand->is_done = true;
      has_done_.notify_all();
    }
  }

  [[nodiscard]] bool is_of_this_process() const { return process_ == ::getpid(); }

 private:
  struct Errand {
    std::span<FlagJob> jobs;
    bool is_done = false;
  };

  const pid_t process_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::condition_variable has_done_;
  std::deque<Errand*> waiting_;
};

// Blocks all signals for the calling thread, so that one that it starts has them blocked.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

// Set once a process, and never taken back.
constinit std::atomic<Queue*> queue_in_use = nullptr;
constinit std::mutex starting;

Queue* queue_of_this_process() {
  Queue* const queue = queue_in_use.load(std::memory_order_acquire);
  return queue != nullptr && queue->is_of_this_process() ? queue : nullptr;
}

Result<void> start() {
  const std::scoped_lock lock(starting);
  if (queue_of_this_process() != nullptr) return {};
  auto queue = std::make_unique<Queue>();
  try {
    const NoSignals blocked;
    std::thread thread([served = queue.get()] { served->serve(); });
    ::pthread_setname_np(thread.native_handle(), "cavra-sealing");
    thread.detach();
  } catch (const std::system_error& thrown) {
    return os_error("start the thread that locks", thrown.code().value());
  }
  queue_in_use.store(queue.release(), std::memory_order_release);
  return {};
}

}  // namespace

Result<void> SealingThread::take_privilege() {
  if (!may_have_immutable()) return {};
  if (has_capability(CAP_LINUX_IMMUTABLE)) {
    CAVRA_CHECK(start());
  }
  return give_up_immutable();
}

bool SealingThread::is_there() {
  return queue_of_this_process() != nullptr;
}

void SealingThread::set_flags(std::span<FlagJob> jobs) {
  if (Queue* const queue = queue_of_this_process()) {
    queue->run(jobs);
  } else {
    set_all(jobs);
  }
}

}  // namespace cavra::local_worm
