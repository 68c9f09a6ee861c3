// What the receipts in a store say already of the archive that a run is about to make: whether one
// of them stands for it, what the new one has to promise, and which it follows (I5, ADR 13).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/inquiry.hpp"
#include "archive/notes.hpp"
#include "archive/receipt_file.hpp"
#include "archive/receipts_in_store.hpp"
#include "archive/store_session.hpp"
#include "cavra/archive.hpp"
#include "cavra/finding.hpp"
#include "cavra/lock.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// What is compared with.
struct ReceiptSearch {
  const VerifiedBundle& bundle;
  const StorePlan& plan;
  StorageBackend& prover;
  const ArchiveOptions& options;
  const CallLimits& limits;
  const DigestQuestion& question;
};

struct StandingReceipt {
  ReceiptFacts facts;
  StagedReceipt file;
  // The receipt's own: not, where the run that put it was ended before it was done.
  bool is_locked = false;
};

struct EarlierReceipts {
  // The plan's lock, and all that the newest receipts promise beyond it: nothing is taken back. The
  // policy's legal hold is not in it where a receipt says that it was cleared.
  Lock lock;
  // The receipt that promises as much, with every object proven again; null: there is none.
  std::unique_ptr<StandingReceipt> standing;
  std::vector<ReceiptPlace> places;        // of those that count
  std::vector<std::string> newest;         // SHA-256 of those that no other one follows, sorted
  std::optional<RetentionDate> retention;  // of the receipt whose date is later than the plan's
  // What a receipt promises and the store does not have: whoever took it had no right to.
  Findings damage;
};

// What lies there and does not count becomes a note. Errors: the store could not be asked,
// cancelled.
[[nodiscard]] Result<EarlierReceipts> look_at_receipts(const ReceiptSearch& search, Notes& notes);

}  // namespace cavra::engine
