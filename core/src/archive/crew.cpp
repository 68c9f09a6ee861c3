#include "archive/crew.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "cavra/archive.hpp"

namespace cavra {

namespace engine {

namespace {

int seriousness(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::corrupt:
      return 5;
    case ErrorCode::refused:
    case ErrorCode::conflict:
    case ErrorCode::forbidden:
      return 4;
    case ErrorCode::unproven:
      return 3;
    case ErrorCode::cancelled:
      return 1;
    default:
      return 2;
  }
}

class Crew {
 public:
  Crew(std::size_t count, const StopFlag& is_cancelled, const JobMaker& make_job)
      : count_(count), is_cancelled_(is_cancelled), make_job_(make_job) {}

  void work() noexcept {
    try {
      const Job job = make_job_([this] { return is_stopped(); });
      for (std::size_t index = next_++; index < count_ && !is_stopped(); index = next_++) {
        if (auto done = job(index); !done) fail(std::move(done).error());
      }
    } catch (const std::exception& problem) {
      fail({ErrorCode::internal, std::string("a worker failed: ") + problem.what()});
    } catch (...) {
      fail({ErrorCode::internal, "a worker failed"});
    }
  }

  Result<void> result() {
    if (is_cancelled_ && is_cancelled_()) return Error{ErrorCode::cancelled, "cancelled"};
    if (error_) return *std::move(error_);
    return {};
  }

 private:
  [[nodiscard]] bool is_stopped() const {
    return has_failed_.load(std::memory_order_relaxed) || (is_cancelled_ && is_cancelled_());
  }

  void fail(Error error) {
    const std::lock_guard guard(mutex_);
    has_failed_ = true;
    if (!error_ || is_more_serious(error.code, error_->code)) error_ = std::move(error);
  }

  const std::size_t count_;
  const StopFlag& is_cancelled_;
  const JobMaker& make_job_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

bool is_more_serious(ErrorCode a, ErrorCode b) noexcept {
  return seriousness(a) > seriousness(b);
}

Result<void> run_crew(std::size_t count, std::size_t workers, const StopFlag& is_cancelled,
                      const JobMaker& make_job) {
  Crew crew(count, is_cancelled, make_job);
  {
    std::vector<std::jthread> threads;
    const std::size_t helpers = std::min(workers, count);
    try {
      for (std::size_t i = 1; i < helpers; ++i)
        threads.emplace_back([&crew] { crew.work(); });
    } catch (const std::system_error&) {
      // No more threads to be had: those that are there do the work.
    }
    crew.work();
  }
  return crew.result();
}

}  // namespace engine

std::size_t worker_count(std::size_t asked) noexcept {
  if (asked > 0) return asked;
  return std::max<std::size_t>(2, std::thread::hardware_concurrency());
}

std::size_t worker_count(std::size_t asked, const StoreDescription& store) noexcept {
  // Memory and descriptors are bounded by workers (invariant I11), and a plugin may want any
  // number.
  constexpr std::size_t kMostWanted = 32;
  if (asked == 0) asked = std::min<std::size_t>(store.sessions_wanted, kMostWanted);
  return worker_count(asked);
}

}  // namespace cavra
