// A store in memory with versions and locks, which goes wrong as it is told.
//
// With CAVRA_TEST_LATEST_BY_LISTING in the environment it is one whose stat does not tell whether a
// version is the latest, and with CAVRA_TEST_READS_STATE one that tells its state with the bytes:
// all tests pass with either, too. Several FakeBackends are several openings of one FakeStore, as a
// writer and a prover are.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/storage.hpp"

namespace cavra::testing {

enum class Fault {
  drops_lock,         // put says yes and stores without a lock
  shortens_lock,      // put stores a date an hour earlier
  drops_hold,         // put stores without the legal hold
  forgets,            // put says yes and stores nothing
  stores_half,        // put reads half of the source and stores it
  rots,               // put stores other bytes than it read
  says_present,       // put writes nothing and says that it is there already
  other_version,      // stat answers for another version
  incomplete,         // stat says that it is not complete
  lies_about_digest,  // stat gives another digest
  gets_other_bytes,   // get gives other bytes
  gets_more,          // get gives bytes without end
  gets_nothing,       // get says not_found
  put_fails,
  stat_fails,
  get_fails,
  raise_fails,
  hold_fails,
  list_fails,
  seal_fails,
  raise_does_nothing,
  clear_does_nothing,
  waits_in_put,  // until it is cancelled
  skips_finish,  // put does not ask for the verdict
};

// What an attempt to break a lock does to the object, whatever the store says of it.
enum class Deed { nothing, removes, overwrites, shortens, clears, hides };

struct FakeAttempt {
  Result<AttemptOutcome> says = AttemptOutcome::refused_by_lock;
  Deed does = Deed::nothing;
};

struct FaultAt {
  Fault fault;
  std::string key_part;            // of the keys that it happens to; empty: all
  ErrorCode code = ErrorCode::io;  // of those that fail
};

struct StoredVersion {
  std::string version;
  std::string bytes;
  Lock lock;
  std::int64_t stored_at_unix_s = 0;
  bool is_delete_marker = false;
};

class FakeStore {
 public:
  FakeStore();

  [[nodiscard]] bool has(Fault fault, std::string_view key) const;
  [[nodiscard]] Error error_of(Fault fault, std::string_view key) const;
  // The newest version's, and null where there is none. Not while sessions work.
  [[nodiscard]] StoredVersion* latest(const std::string& key);
  [[nodiscard]] std::vector<std::string> keys() const;
  void log(std::string event);
  [[nodiscard]] std::size_t count(std::string_view event_start) const;

  std::vector<FaultAt> faults;
  StoreDescription description;
  std::string identity_from_first_put;  // shown once something was put
  bool has_digests = false;             // stat gives the store's own digest
  bool stat_tells_latest;               // else the listing alone does
  bool reads_state;                     // with the bytes
  std::size_t max_batch_objects = 0;
  std::vector<ProbeItem> probe_items;
  std::int64_t locks_longer_s = 0;  // than asked for, by a rule of its own
  bool has_destructive_test = true;
  std::map<Attempt, FakeAttempt> attempts;  // the others are refused because of the lock
  std::function<void(Attempt)> on_attempt;  // before it is answered
  std::map<std::string, std::vector<StoredVersion>> objects;
  std::set<std::string> archive_prefixes;  // that objects were put with
  std::vector<std::string> uploads;        // keys, sorted; told behind the objects
  std::vector<std::string> events;         // "put <key>", "raise <key>", …, in their order
  std::function<void(const std::string& key, std::size_t bytes)> on_read;  // while put reads
  std::function<void(const std::string& key)> on_put;                      // before it is answered
  std::function<void(const std::string& key)> on_stat;                     // the same
  std::atomic<std::size_t> open_sessions = 0;
  std::atomic<std::size_t> most_sessions = 0;
  mutable std::mutex mutex;
};

// One opening.
class FakeBackend final : public StorageBackend {
 public:
  // `answers_from_cache`: stat answers what put of this opening was sent.
  explicit FakeBackend(FakeStore& store, bool answers_from_cache = false)
      : store_(store), answers_from_cache_(answers_from_cache), description_(store.description) {}

  [[nodiscard]] const StoreDescription& describe() const override;
  [[nodiscard]] Result<std::unique_ptr<StorageSession>> session() override;

  std::optional<Error> session_error;

 private:
  friend class FakeSession;
  FakeStore& store_;
  bool answers_from_cache_;
  mutable StoreDescription description_;
  std::map<std::string, ObjectInfo> cache_;  // under the store's mutex
};

}  // namespace cavra::testing
