// Looks for a receipt that says already what an archive run would say, and asks the store whether
// it still holds (invariant I5).
#pragma once

#include <optional>
#include <string>

#include "archive/inquiry.hpp"
#include "archive/notes.hpp"
#include "archive/receipt_file.hpp"
#include "archive/store_session.hpp"
#include "cavra/archive.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// What the search compares with.
struct ReceiptSearch {
  const VerifiedBundle& bundle;
  const StorePlan& plan;
  StorageBackend& prover;
  const Signer& receipt_key;
  const ArchiveOptions& options;
  const CallLimits& limits;
  const DigestQuestion& question;
};

struct FoundReceipt {
  ReceiptFacts facts;
  StagedReceipt file;
  // The receipt's own: not, where the run that put it was ended before it was done.
  bool is_locked = false;
};

// The first receipt by name whose every object the store proves again, under locks sufficient for
// the plan, one that is locked itself before one that is not; nothing where there is none. What
// lies there and does not count becomes a note. Errors: the store could not be asked, cancelled.
[[nodiscard]] Result<std::optional<FoundReceipt>> find_receipt(const ReceiptSearch& search,
                                                               Notes& notes);

}  // namespace cavra::engine
