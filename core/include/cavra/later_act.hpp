// carry_out() changes the locks of what is archived, and leaves a receipt of that act.
//
// A later date, a legal hold set, a legal hold cleared. Each object is asked for by version, its
// lock changed where it needs it, and asked for again in another opening of the store; then the
// receipt is signed. It follows those that are there: docs/adr/0013-later-acts.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cavra/archive.hpp"
#include "cavra/lock.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"

namespace cavra {

struct LaterAct {
  ActKind kind = ActKind::retain;                   // not archive
  std::optional<std::int64_t> retain_until_unix_s;  // of retain
  std::string reason;                               // may be empty
  Timestamp now;                                    // the claimed time
};

// What an act is going to change.
struct ActPlan {
  Lock before;  // as the receipts that are there promise it
  Lock after;
  std::string newest;  // SHA-256 of the receipt that the act goes on from
  // Why it is held: the reasons of the holds that no later receipt cleared. An archive has one
  // hold, and clearing it clears it for all of them.
  std::vector<std::string> holds;
  std::vector<std::string> notes;

  [[nodiscard]] bool is_done() const { return before == after; }  // the receipts say so already
  // Whether it is the same act on the same state. Notes differ from time to time.
  [[nodiscard]] bool is_same_as(const ActPlan& other) const {
    return before == other.before && after == other.after && newest == other.newest &&
           holds == other.holds;
  }
};

// By the receipts in the store and the one that is given, without asking for any object. Needs
// options.receipt_roots; a reference in the options replaces the one that was given before. Errors:
// corrupt (a finding leaves open who wrote the receipt), usage (another store; a reason or
// reference that is not UTF-8 or above 1 KiB), refused (an earlier date, a date that is past or
// that the store cannot hold, a hold where it has none), what the store returns.
[[nodiscard]] Result<ActPlan> plan_act(const CheckedReceipt& receipt, const LaterAct& act,
                                       StorageBackend& prover, const ArchiveOptions& options);

// Plans anew, and does it where that is still what `shown` says. Safe to run again: what was done
// is proven, and where a receipt says it already that one is kept (is_new is false). `writer` and
// `prover` as for archive(). Errors: those of plan_act(); corrupt (an object is not what was
// archived), unproven, forbidden, what the store returns; each with the key.
[[nodiscard]] Result<ArchiveOutcome> carry_out(const CheckedReceipt& receipt, const LaterAct& act,
                                               const ActPlan& shown, StorageBackend& writer,
                                               StorageBackend& prover, const Signer& receipt_key,
                                               const ArchiveOptions& options);

}  // namespace cavra
