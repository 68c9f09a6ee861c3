// ObjectArchiver puts one object and has it proven (invariant I2).
//
// One a worker: it holds that worker's session that puts, and its session of another opening that
// shows. What an archive counts is shared by all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/inquiry.hpp"
#include "archive/store_session.hpp"
#include "cavra/archive.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// Any thread.
class ArchiveTally {
 public:
  explicit ArchiveTally(const ArchiveOptions& options) : options_(options) {}

  void add_bytes(std::uint64_t bytes) {
    const std::uint64_t sum = moved_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (options_.on_progress) options_.on_progress(sum);
  }

  std::atomic<std::size_t> created = 0;
  std::atomic<std::size_t> already_present = 0;
  std::atomic<std::size_t> raised = 0;   // locks, whose mode, date or hold was
  std::atomic<std::size_t> cleared = 0;  // holds

 private:
  const ArchiveOptions& options_;
  std::atomic<std::uint64_t> moved_ = 0;
};

// What the store showed of one object; the rest is known from the bundle.
struct ShownObject {
  std::string version;
  Lock lock;
  std::optional<std::int64_t> stored_at_unix_s;
  Proof proof = Proof::read_back;
  std::optional<bool> is_latest = true;
};

// One object of a batch: what to put, and what was shown of it.
struct PendingObject {
  PutRequest request;
  std::unique_ptr<ObjectSource> source;
  ShownObject shown;
};

class ObjectArchiver {
 public:
  ObjectArchiver(StorageBackend& writer, StorageBackend& prover, CallLimits limits,
                 DigestQuestion question, ArchiveTally& tally)
      : writer_(writer),
        prover_(prover),
        limits_(std::move(limits)),
        question_(std::move(question)),
        tally_(tally) {}

  // Puts and proves, in one batch where there are several objects and the store takes batches.
  // Errors: conflict (other bytes are there), unproven (it is there, and could not be shown as it
  // must be), what put or a source returns; each with the key, the most serious one.
  [[nodiscard]] Result<void> archive(std::span<PendingObject> objects);

  // For an object that is there: asks for it, and where its lock is weaker for its digest, raises
  // it, and asks again; the digest last. Errors: what raising returns; the store could not be
  // asked.
  [[nodiscard]] Result<Answer> raise_lock(const WantedObject& wanted);
  // The same, clearing a legal hold; mode and date are left as they are.
  [[nodiscard]] Result<Answer> clear_hold(const WantedObject& wanted);

 private:
  [[nodiscard]] Result<PutResult> put(StorageSession& session, PendingObject& object) const;
  [[nodiscard]] Result<std::vector<PutResult>> put_batch(StorageSession& session,
                                                         std::span<PendingObject> objects) const;
  [[nodiscard]] Result<void> prove(PendingObject& object, const PutResult& put);
  [[nodiscard]] Result<Answer> ask(const WantedObject& wanted, bool is_created);
  [[nodiscard]] Result<void> raise(const WantedObject& wanted, const Answer& answer,
                                   bool is_created);

  LazySession writer_;
  LazySession prover_;
  CallLimits limits_;
  DigestQuestion question_;
  ArchiveTally& tally_;
};

}  // namespace cavra::engine
