#include "credential_provider.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "cavra/support/time.hpp"

namespace cavra::s3 {
namespace {

// botocore's, of RefreshableCredentials.
constexpr std::int64_t kSoonSeconds = 900;
constexpr std::int64_t kNowSeconds = 600;
// A service may give the same again until shortly before their end, or not answer: it is not asked
// for each object.
constexpr std::int64_t kPauseSeconds = 60;
constexpr std::chrono::milliseconds kTick{100};

bool is_of_one_call(const Error& error) {
  return error.code == ErrorCode::cancelled || error.code == ErrorCode::timeout;
}

}  // namespace

CredentialProvider::CredentialProvider(Fetch fetch, UnixClock clock)
    : fetch_(std::move(fetch)), clock_(std::move(clock)) {}

CredentialProvider::Need CredentialProvider::need() const {
  if (current_ == nullptr) return Need::now;
  if (!current_->expires_unix_s) return Need::nothing;
  const std::int64_t now = clock_();
  const std::int64_t left = *current_->expires_unix_s - now;
  if (left >= kSoonSeconds) return Need::nothing;
  const bool is_pause =
      asked_at_unix_s_ && now >= *asked_at_unix_s_ && now - *asked_at_unix_s_ < kPauseSeconds;
  if (is_pause && left > 0) return Need::nothing;
  return left < kNowSeconds ? Need::now : Need::soon;
}

Result<CredentialProvider::Given> CredentialProvider::get(const sdk::Call& call) {
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

Result<CredentialProvider::Given> CredentialProvider::refresh(const sdk::Call& call,
                                                              std::unique_lock<std::mutex>& lock) {
  const Need needed = need();
  is_refreshing_ = true;
  lock.unlock();
  Result<AwsCredentials> fetched = Error{ErrorCode::internal, "the credentials were not fetched"};
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

Result<CredentialProvider::Given> CredentialProvider::take(Result<AwsCredentials> fetched,
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
    current_ = std::make_shared<const AwsCredentials>(*std::move(fetched));
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

void CredentialProvider::forget(const Given& refused) {
  const std::scoped_lock lock(mutex_);
  if (current_ == refused) current_.reset();
}

}  // namespace cavra::s3
