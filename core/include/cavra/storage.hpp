// StorageBackend and StorageSession: what the core asks of a store.
//
// The C++ face of "cavra.storage/1" (cavra/plugin.h), and an interface that tests implement
// directly. A backend is shared by all threads; a session belongs to one thread at a time. A
// session must not outlive its backend.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/lock.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

// Tells a call to stop. `is_cancelled` is cheap and callable from any thread.
struct CallContext {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  std::function<bool()> is_cancelled;  // empty: never
  // What each page of a list() may take, after the first one: how many come depends on the store.
  // 0: the deadline is for all of them.
  std::chrono::milliseconds page_timeout{0};
};

// The bytes of one object. The implementation hashes what it hands out (invariant I1).
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  [[nodiscard]] virtual std::uint64_t length() const = 0;
  // As cavra_source::read_at. Fewer bytes than asked for only at the end.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset,
                                                    std::span<std::byte> buffer) = 0;
  // The host's verdict on the bytes handed out. Errors: corrupt.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

struct PutRequest {
  std::string key;
  std::uint64_t length = 0;
  Digest sha256;
  std::string media_type;
  std::string metadata_json = "{}";
  Lock lock;
  std::string archive_prefix{};  // of the keys of its archive, with '/' at the end; empty: of none
};

struct PutResult {
  bool is_created = false;  // else it was there already
  bool is_digest_checked = false;
  std::string version;
};

struct ObjectInfo {
  std::string version;
  std::uint64_t length = 0;
  std::optional<Digest> sha256;  // the store's own digest of the stored bytes
  std::optional<std::int64_t> stored_at_unix_s;
  Lock lock;
  std::optional<bool> is_latest = true;  // false: hidden; none: the store's listing tells it
  bool is_complete = true;               // false: present but not yet locked as its put asked
};

struct ListEntry {
  enum class Kind { object, delete_marker, incomplete_upload };
  Kind kind = Kind::object;
  std::string key;
  std::string version;
  std::uint64_t length = 0;
  std::optional<std::int64_t> stored_at_unix_s;
  bool is_latest = true;
};

struct Right {
  std::string name;
  std::string needed_for;
  std::string reason;
};

// What the settings make of a store; see cavra_store_info.
struct StoreDescription {
  std::string plugin_id;
  std::string plugin_version;
  std::string plugin_sha256;  // of the loaded file; empty for a backend that no file gave
  std::string location;
  std::string identity;
  std::string key_prefix;  // without a slash at the end
  LockMode mode = LockMode::none;
  bool has_versions = false;
  bool has_legal_hold = false;
  bool checks_sha256 = false;
  bool has_no_dot_ends = false;          // takes no key of which a part between slashes ends in "."
  std::uint32_t max_key_part_bytes = 0;  // 0: no limit of its own
  std::uint32_t max_key_bytes = 1024;
  std::optional<std::int64_t> last_retain_until_unix_s;
  std::optional<std::int64_t> longest_retention_s;
  std::optional<std::uint64_t> largest_object_bytes;
  std::string strength;
  std::vector<Right> rights;
  std::uint32_t sessions_wanted = 0;  // at once, to do best; 0: it does not say
};

struct ProbeItem {
  enum class Verdict { ok, missing, excess, unknown, note };
  Verdict verdict = Verdict::note;
  std::string name;
  std::string message;
  std::int64_t least_retention_s = 0;  // as in cavra_probe_item; 0: none known
};

// One object of put_many(). The session sets `result`.
struct BatchItem {
  const PutRequest* request = nullptr;
  ObjectSource* source = nullptr;
  Result<PutResult> result = Error{ErrorCode::internal, "not tried"};
};

// How to try to break a lock, and what came of it: see cavra_storage_destructive_test_v1.
enum class Attempt { remove, overwrite, shorten, clear };
enum class AttemptOutcome { refused_by_lock, refused_by_rights, succeeded };

using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;
using ListSink = std::function<Result<void>(const ListEntry&)>;

// Error codes are those of cavra/plugin.h, call by call.
class StorageSession {
 public:
  virtual ~StorageSession() = default;
  [[nodiscard]] virtual Result<PutResult> put(const CallContext& call, const PutRequest& request,
                                              ObjectSource& source) = 0;
  [[nodiscard]] virtual Result<ObjectInfo> stat(const CallContext& call, const std::string& key,
                                                const std::string& version) = 0;
  [[nodiscard]] virtual Result<void> get(const CallContext& call, const std::string& key,
                                         const std::string& version, std::uint64_t offset,
                                         const ByteSink& sink) = 0;
  // The whole listing, all pages.
  [[nodiscard]] virtual Result<void> list(const CallContext& call, const std::string& prefix,
                                          const ListSink& sink) = 0;
  [[nodiscard]] virtual Result<void> raise_lock(const CallContext& call, const std::string& key,
                                                const std::string& version, const Lock& lock) = 0;
  // Errors: unsupported where the store has no legal holds.
  [[nodiscard]] virtual Result<void> set_hold(const CallContext& call, const std::string& key,
                                              const std::string& version) = 0;
  [[nodiscard]] virtual Result<void> clear_hold(const CallContext& call, const std::string& key,
                                                const std::string& version) = 0;
  [[nodiscard]] virtual Result<std::vector<ProbeItem>> probe(const CallContext& call) = 0;
  // Nothing to do where the store has no seal.
  [[nodiscard]] virtual Result<void> seal(const CallContext& call, const std::string& prefix) = 0;

  // The most objects that one put_many() takes; 0 where the store has no batches.
  [[nodiscard]] virtual std::size_t max_batch_objects() const { return 0; }
  // As put() for each object; what it leaves is durable once barrier() has returned. Fails itself
  // only where no object could be tried. Errors: unsupported where the store has no batches.
  [[nodiscard]] virtual Result<void> put_many(const CallContext&, std::span<BatchItem>) {
    return Error{ErrorCode::unsupported, "this store has no batches"};
  }
  [[nodiscard]] virtual Result<void> barrier(const CallContext&) {
    return Error{ErrorCode::unsupported, "this store has no batches"};
  }

  // Whether read() is there at all. Asks nobody.
  [[nodiscard]] virtual bool reads_state() const { return false; }
  // stat() and get() from 0 of one version, in one request. Errors: unsupported; those of both.
  [[nodiscard]] virtual Result<ObjectInfo> read(const CallContext&, const std::string& /*key*/,
                                                const std::string& /*version*/, const ByteSink&) {
    return Error{ErrorCode::unsupported, "this store does not tell its state with the bytes"};
  }

  // Whether attempt() is there at all. Asks nobody.
  [[nodiscard]] virtual bool has_destructive_test() const { return false; }
  // Tries to break the lock of an object below "<key_prefix>/cavra-probe/". Errors: refused (any
  // other key), unsupported where the store cannot be tested so.
  [[nodiscard]] virtual Result<AttemptOutcome> attempt(const CallContext&, Attempt,
                                                       const std::string& /*key*/,
                                                       const std::string& /*version*/) {
    return Error{ErrorCode::unsupported, "this store offers no destructive test"};
  }
};

class StorageBackend {
 public:
  virtual ~StorageBackend() = default;
  [[nodiscard]] virtual const StoreDescription& describe() const = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<StorageSession>> session() = 0;
};

}  // namespace cavra
