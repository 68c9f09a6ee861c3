// status() asks the store, now, whether all that a receipt says still holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "cavra/finding.hpp"
#include "cavra/hasher.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

struct StatusOptions {
  std::size_t workers = 0;
  Timestamp now;
  HasherFactory hasher = make_sha256;
  std::function<void(std::uint64_t bytes)> on_progress;
  std::function<bool()> is_cancelled;
};

struct StatusReport {
  Findings findings;  // "store.*": missing, digest, size, lock, hidden, unexpected
  std::size_t objects = 0;
  std::uint64_t bytes = 0;
  std::int64_t retain_until_unix_s = 0;  // the earliest that the store answered
  bool legal_hold = false;               // any object's
  bool is_due = false;                   // the date has passed and no hold stands
};

// Every object by version: there, size, digest read back, lock sufficient for the receipt's; and
// whether the listing has what the receipt does not know. Errors: what the store returns where it
// could not be asked; not_found and differences are findings. Errors also: usage where the receipt
// is of another store (identity or plugin differ).
[[nodiscard]] Result<StatusReport> status(const CheckedReceipt& receipt, StorageBackend& store,
                                          const StatusOptions& options);

}  // namespace cavra
