// archive() puts a verified bundle into one store and proves the lock of every object.
//
// The order: the receipt that may be there, probe, members, manifest, seal, receipt; each object is
// put in one session and proven in a session of another opening of the store. Safe to run again:
// what is there and proven is not written twice. docs/architecture.md tells the way of a run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/hasher.hpp"
#include "cavra/plan.hpp"
#include "cavra/receipt.hpp"
#include "cavra/signer.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/trust_roots.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

struct ArchiveOptions {
  std::size_t workers = 0;  // 0: as worker_count() says
  std::string reference;
  ReceiptFolders folders;
  const TrustRoots* receipt_roots = nullptr;  // whose receipts count, of those there; not null
  // What one call on the store may take; one that moves bytes gets a second more for each MiB.
  std::chrono::milliseconds call_timeout{std::chrono::minutes{10}};
  HasherFactory hasher = make_sha256;
  std::function<void(std::uint64_t bytes)> on_progress;  // sent or proven bytes; any thread
  std::function<bool()> is_cancelled;
};

// How many workers `asked` means: 0 is one a core of this machine, at least 2.
[[nodiscard]] std::size_t worker_count(std::size_t asked) noexcept;
// The same for a store that may want another number (at most 32): 0 is what it wants. A run holds
// at most so many sessions of each opening at once, or two.
[[nodiscard]] std::size_t worker_count(std::size_t asked, const StoreDescription& store) noexcept;

struct ArchiveOutcome {
  ReceiptFacts receipt;  // its objects are in receipt_file
  std::size_t objects = 0;
  std::uint64_t bytes = 0;  // of all objects
  std::string receipt_sha256;
  std::string receipt_key;
  std::filesystem::path receipt_file;
  bool is_new = false;  // false: a receipt for the same was there and holds
  std::size_t created = 0;
  std::size_t already_present = 0;
  std::size_t raised = 0;   // locks, whose mode, date or hold was
  std::size_t cleared = 0;  // holds, of a later act
  // What an earlier receipt promises and the store did not have any more ("store.missing",
  // "store.lock", …): it is archived again now, and somebody has to find out who could do that.
  Findings damage;
  std::vector<std::string> notes;
};

// Whether the store could take an archive now: what it would fail at is told at once and together,
// before the first byte. Errors: refused, with all that is missing; what the store returns.
[[nodiscard]] Result<void> probe_store(StorageBackend& store, const std::string& name,
                                       const CallContext& call);

// The archive of this bundle that is in the store already, under a lock that is sufficient for the
// plan: every object is asked for and read back. Empty where there is none, or where its receipt
// has no lock yet, which archive() gives it. Puts nothing into the store. Errors: as archive().
[[nodiscard]] Result<std::optional<ArchiveOutcome>> find_archive(const VerifiedBundle& bundle,
                                                                 const StorePlan& plan,
                                                                 StorageBackend& prover,
                                                                 const Signer& receipt_key,
                                                                 const ArchiveOptions& options);

// find_archive(), and where there is none: probe_store(), then the way of an archive. `writer`
// puts; `prover` is another opening of the same store and shows. Errors: corrupt (the bundle
// changed), conflict, refused, forbidden, unproven, io, timeout, unavailable, cancelled, each with
// the key; usage (a reference that is not UTF-8 or above 1 KiB).
[[nodiscard]] Result<ArchiveOutcome> archive(const VerifiedBundle& bundle, const StorePlan& plan,
                                             StorageBackend& writer, StorageBackend& prover,
                                             const Signer& receipt_key,
                                             const ArchiveOptions& options);

}  // namespace cavra
