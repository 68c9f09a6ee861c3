// list_evidence() tells what is archived in a store, from the store alone.
//
// Archives are found by their keys, and known by the receipts that lie with them. The listing is
// held against the receipts; no byte of an object is read, and its lock is asked for only where the
// receipts say that retention has ended: all else is status().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cavra/finding.hpp"
#include "cavra/lock.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra {

struct EvidenceListOptions {
  const TrustRoots* receipt_roots = nullptr;  // whose receipts count; not null
  Timestamp now;
  // Where to keep the newest receipts of each archive too; none: they stay in the store.
  std::optional<ReceiptFolders> save_to;
  std::chrono::milliseconds call_timeout{std::chrono::minutes{10}};  // as ArchiveOptions'
  std::function<bool()> is_cancelled{};
};

struct ListedReceipt {
  std::string sha256;
  ReceiptFacts facts;
};

struct ListedArchive {
  std::string archive_prefix;  // "<prefix>/<session>/<manifest-sha256>/"
  std::string session_in_key;  // the session id as it stands in keys
  std::string manifest_sha256;
  // The receipts that count and that no other one follows, by digest: one, but where two acts met.
  // None: the archive is not complete.
  std::vector<ListedReceipt> newest;
  Lock lock;                // as they promise
  std::size_t objects = 0;  // keys below bundle/
  std::uint64_t bytes = 0;  // of their latest versions
  // The date has passed and no hold stands: by the receipts, and by the store's own answer.
  bool is_due = false;
  // By place: "archive.incomplete", "store.missing", "store.size", "store.hidden", "store.lock" (of
  // a receipt), "store.hold", "store.receipt", "store.upload", "store.unexpected";
  // docs/findings.md.
  Findings findings;
  std::vector<std::string> notes;

  [[nodiscard]] bool is_complete() const noexcept { return !newest.empty(); }
};

// What lies elsewhere in the store.
struct EvidenceElsewhere {
  Findings findings;  // by place: "store.upload", "store.unexpected"
  std::vector<std::string> notes;
};

// Takes the archives in the order of their keys. A failure ends the listing.
using ListedArchiveSink = std::function<Result<void>(ListedArchive archive)>;

// Goes through the whole store. Errors: what the store or the sink returns; io (a receipt could not
// be saved); conflict (another file has its name).
[[nodiscard]] Result<EvidenceElsewhere> list_evidence(StorageBackend& store,
                                                      const EvidenceListOptions& options,
                                                      const ListedArchiveSink& sink);

}  // namespace cavra
