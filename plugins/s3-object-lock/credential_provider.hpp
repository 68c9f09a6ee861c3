// CredentialProvider keeps credentials that are valid now: it fetches them when they are first
// wanted, and again before they run out.
//
// All calls from any thread. One thread fetches, within its own call; the others use what is there,
// or wait, each within its own call. It starts no thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "aws_credentials.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::s3 {

class CredentialProvider {
 public:
  using Given = std::shared_ptr<const AwsCredentials>;
  // One at a time, from the thread of the call.
  using Fetch = std::function<Result<AwsCredentials>(const sdk::Call& call)>;

  CredentialProvider(Fetch fetch, UnixClock clock);
  CredentialProvider(const CredentialProvider&) = delete;
  CredentialProvider& operator=(const CredentialProvider&) = delete;

  // Credentials that last for ten minutes at least, or as long as those that give them allow.
  // Errors: what fetching returns; cancelled and timeout, by the call; forbidden, if what was
  // fetched has run out already.
  [[nodiscard]] Result<Given> get(const sdk::Call& call);

  // A service refuses these as run out: the next get() fetches others. If that was done since,
  // nothing happens. To be told once a request: the same may come again.
  void forget(const Given& refused);

 private:
  enum class Need {
    nothing,
    soon,  // those that are there do meanwhile, and if fetching fails
    now,
  };
  [[nodiscard]] Need need() const;
  [[nodiscard]] Result<Given> refresh(const sdk::Call& call, std::unique_lock<std::mutex>& lock);
  [[nodiscard]] Result<Given> take(Result<AwsCredentials> fetched, Need needed);

  const Fetch fetch_;
  const UnixClock clock_;
  std::mutex mutex_;
  std::condition_variable ended_;
  Given current_;  // null: none yet, or forgotten
  bool is_refreshing_ = false;
  std::optional<std::int64_t> asked_at_unix_s_;  // when fetching ended last
  std::uint64_t failures_ = 0;
  Error last_failure_;
};

}  // namespace cavra::s3
