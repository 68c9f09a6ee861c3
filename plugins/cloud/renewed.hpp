// Renewed keeps credentials that are valid now: it fetches them when they are first wanted, and
// again before they run out.
//
// All calls from any thread. One thread fetches, within its own call; the others use what is there,
// or wait, each within its own call. It starts no thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra::cloud {

// Seconds since 1970; from any thread.
using UnixClock = std::function<std::int64_t()>;

// How long before their end credentials are renewed, in seconds.
struct RenewalMargins {
  std::int64_t soon_s;  // they do meanwhile, and where renewing fails
  std::int64_t now_s;   // they do no more
};

// A Credential has `std::optional<std::int64_t> expires_unix_s`; none: never.
template <class Credential>
class Renewed {
 public:
  using Given = std::shared_ptr<const Credential>;
  // One at a time, from the thread of the call.
  using Fetch = std::function<Result<Credential>(const sdk::Call& call)>;

  Renewed(Fetch fetch, UnixClock clock, RenewalMargins margins)
      : fetch_(std::move(fetch)), clock_(std::move(clock)), margins_(margins) {}
  Renewed(const Renewed&) = delete;
  Renewed& operator=(const Renewed&) = delete;

  // Credentials that last for `now_s` at least, or as long as those that give them allow. Errors:
  // what fetching returns; cancelled and timeout, by the call; forbidden, if what was fetched has
  // run out already.
  [[nodiscard]] Result<Given> get(const sdk::Call& call);

  // A service refuses these as run out: the next get() fetches others. If that was done since,
  // nothing happens. To be told once a request: the same may come again.
  void forget(const Given& refused);

 private:
  // A service may give the same again until shortly before their end, or not answer: it is not
  // asked for each object.
  static constexpr std::int64_t kPauseSeconds = 60;
  static constexpr std::chrono::milliseconds kTick{100};

  enum class Need {
    nothing,
    soon,  // those that are there do meanwhile, and if fetching fails
    now,
  };
  [[nodiscard]] static bool is_of_one_call(const Error& error) {
    return error.code == ErrorCode::cancelled || error.code == ErrorCode::timeout;
  }
  [[nodiscard]] Need need() const;
  [[nodiscard]] Result<Given> refresh(const sdk::Call& call, std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Result<Given> take(Result<Credential> fetched, Need needed);

  const Fetch fetch_;
  const UnixClock clock_;
  const RenewalMargins margins_;
  std::mutex mutex_;
  std::condition_variable ended_;
  Given current_;  // null: none yet, or forgotten
  bool is_refreshing_ = false;
  std::optional<std::int64_t> asked_at_unix_s_;  // when fetching ended last
  std::uint64_t failures_ = 0;
  Error last_failure_;
};

template <class Credential>
typename Renewed<Credential>::Need Renewed<Credential>::need() const {
  if (current_ == nullptr) return Need::now;
  if (!current_->expires_unix_s) return Need::nothing;
  const std::int64_t now = clock_();
  const std::int64_t left = *current_->expires_unix_s - now;
  if (left >= margins_.soon_s) return Need::nothing;
  const bool is_pause =
      asked_at_unix_s_ && now >= *asked_at_unix_s_ && now - *asked_at_unix_s_ < kPauseSeconds;
  if (is_pause && left > 0) return Need::nothing;
  return left < margins_.now_s ? Need::now : Need::soon;
}

template <class Credential>
Result<typename Renewed<Credential>::Given> Renewed<Credential>::get(const sdk::Call& call) {
  std::unique_lock lock(mutex_);
  const std::uint64_t failures_before = failures_;
  for (;;) {
    CAVRA_CHECK(call.check());
    const Need needed = need();
    if (needed == Need::nothing || (needed == Need::soon && is_refreshing_)) return current_;
    // Who waited for others does not ask the same again, one thread after the other.
    if (failures_ != failures_before) return last_failure_;
    if (!is_refreshing_) return refresh(call, lock);
    ended_.wait_for(lock, kTick);
  }
}

template <class Credential>
Result<typename Renewed<Credential>::Given> Renewed<Credential>::refresh(
    const sdk::Call& call, std::unique_lock<std::mutex>& lock) {
  const Need needed = need();
  is_refreshing_ = true;
  lock.unlock();
  Result<Credential> fetched = Error{ErrorCode::internal, "the credentials were not fetched"};
  std::exception_ptr thrown;
  try {
    fetched = fetch_(call);
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  is_refreshing_ = false;
  ended_.notify_all();
  if (thrown) std::rethrow_exception(thrown);
  return take(std::move(fetched), needed);
}

template <class Credential>
Result<typename Renewed<Credential>::Given> Renewed<Credential>::take(Result<Credential> fetched,
                                                                      Need needed) {
  const std::int64_t now = clock_();
  if (fetched && fetched->expires_unix_s && *fetched->expires_unix_s <= now)
    fetched = Error{ErrorCode::forbidden,
                    "the credentials that were just fetched ran out at " +
                        format_utc({.unix_s = *fetched->expires_unix_s}) + ", and it is " +
                        format_utc({.unix_s = now}) + " by this machine's clock: is it right?",
                    false};
  if (fetched) {
    asked_at_unix_s_ = now;
    current_ = std::make_shared<const Credential>(*std::move(fetched));
    return current_;
  }
  // Forgotten meanwhile: then there is nothing to go on with.
  if (needed == Need::soon && current_ != nullptr) {
    if (!is_of_one_call(fetched.error())) asked_at_unix_s_ = now;
    return current_;
  }
  if (!is_of_one_call(fetched.error())) {
    ++failures_;
    last_failure_ = fetched.error();
  }
  return std::move(fetched).error();
}

template <class Credential>
void Renewed<Credential>::forget(const Given& refused) {
  const std::scoped_lock lock(mutex_);
  if (current_ == refused) current_.reset();
}

}  // namespace cavra::cloud
