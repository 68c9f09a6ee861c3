// status() asks the store, now, whether all that a receipt says still holds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/hasher.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra {

struct StatusOptions {
  std::size_t workers = 0;
  const TrustRoots* receipt_roots = nullptr;  // to read the receipts that follow; none: not read
  Timestamp now;
  std::chrono::milliseconds call_timeout{std::chrono::minutes{10}};  // as ArchiveOptions'
  HasherFactory hasher = make_sha256;
  std::function<void(std::uint64_t bytes)> on_progress{};
  std::function<bool()> is_cancelled{};
};

struct StatusReport {
  // Sorted by key: "store.missing", "store.version", "store.size",
  // "store.lock", "store.hold", "store.time", "store.digest", "store.hidden", "store.unexpected";
  // docs/findings.md.
  Findings findings;
  std::size_t objects = 0;         // of the bundle, that are there
  std::uint64_t bytes = 0;         // of these
  LockMode mode = LockMode::none;  // the weakest that the store answered
  // The earliest that the store answered; none where an object has none.
  std::optional<std::int64_t> retain_until_unix_s;
  bool legal_hold = false;  // any object's: where not all have it, that is a finding
  bool is_due = false;      // every date has passed and no hold stands
  // SHA-256 of the receipts of later acts on this archive that no other one follows.
  std::vector<std::string> later;
  bool hold_was_cleared =
      false;  // by a later act: a hold that the receipt records is not asked for
  std::vector<std::string> notes;
};

// Every object by version: there, size, digest read back, lock sufficient for what the receipt
// recorded; the receipt itself among them, and those that it follows; and whether the listing has
// what the receipt does not know. Errors: what the store returns where it
// could not be asked; not_found and differences are findings. Errors also: usage where the receipt
// is of another store (identity or plugin differ).
[[nodiscard]] Result<StatusReport> status(const CheckedReceipt& receipt, StorageBackend& store,
                                          const StatusOptions& options);

}  // namespace cavra
