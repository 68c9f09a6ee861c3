// A lock test shows what a store's lock holds against (invariant I8): one object, locked for a
// minute, which the plugin then tries to delete, overwrite, shorten and clear.
//
// The plugin's word is not believed: after each attempt the object is asked for again, by version,
// in a new session of another opening of the store. The object stays; nothing here removes one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/lock.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

inline constexpr std::int64_t kLockTestSeconds = 60;

// held: refused because of the lock, and the object is as it was. not_shown: nothing is known of
// the lock (a right was missing, it could not be tried). succeeded: the lock does not hold.
enum class AttemptVerdict { held, not_shown, succeeded };

// "delete", "overwrite", "shorten", "clear"
[[nodiscard]] const char* to_string(Attempt act) noexcept;
// "held", "not_shown", "succeeded"
[[nodiscard]] const char* to_string(AttemptVerdict verdict) noexcept;

struct AttemptReport {
  Attempt act = Attempt::remove;
  AttemptVerdict verdict = AttemptVerdict::not_shown;
  std::string reason;  // for a person, safe to print
};

struct LockTestReport {
  std::string key;
  Lock asked;                 // what the put asked for
  bool may_be_there = false;  // a put was tried: the object may be in the store
  std::optional<Lock> lock;   // as the store showed it; none: it was not proven
  bool is_as_put = false;     // and when it was last asked, it was what was put
  std::vector<AttemptReport> attempts;
  Findings findings;             // one for each attempt that succeeded
  std::optional<Error> failure;  // what ended the test early
};

struct LockTestOptions {
  std::chrono::milliseconds call_timeout{std::chrono::minutes{10}};  // of one call on the store
  std::function<bool()> is_cancelled;
  std::function<Timestamp()> clock = now_utc;  // the lock's end is counted from it
};

// Whether the store can be tested. Errors: unsupported (its plugin offers no such test), refused
// (its mode is none, so there is no lock), what the store returns.
[[nodiscard]] Result<void> check_lock_test(StorageBackend& store);

// "<key_prefix>/cavra-probe/<128 random bits>": another one each time. Errors: io.
[[nodiscard]] Result<std::string> lock_test_key(const StoreDescription& store);

// `writer` puts and tries; `prover` is another opening of the same store and shows. The report's
// failure: unproven (the lock could not be shown, and nothing was tried), cancelled, what the store
// returns.
[[nodiscard]] LockTestReport test_lock(const std::string& key, StorageBackend& writer,
                                       StorageBackend& prover, const LockTestOptions& options);

}  // namespace cavra
