// A receipt's way: signed, put into the store under its lock, and proven there.
#pragma once

#include <cstddef>
#include <string>

#include "archive/object_archiver.hpp"
#include "archive/receipt_file.hpp"
#include "archive/receipts_in_store.hpp"
#include "archive/statement.hpp"
#include "cavra/archive.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// A signed receipt, not published yet. Errors: usage (the signer), io.
[[nodiscard]] Result<StagedReceipt> stage_receipt(const ReceiptFacts& facts, std::size_t count,
                                                  const ObjectAt& object_at,
                                                  const Signer& receipt_key,
                                                  const ArchiveOptions& options);

// Puts it, or finds it there, and proves it under the lock. Errors: as ObjectArchiver::archive().
[[nodiscard]] Result<void> archive_receipt(ObjectArchiver& archiver, const StagedReceipt& file,
                                           const std::string& key, const Lock& lock);

// Gives one that is there at least that lock: each receipt is kept as long as what it speaks of.
// One that a dead run left without its lock is put again, which completes it. Errors: as above.
[[nodiscard]] Result<void> keep_receipt(ObjectArchiver& archiver, StorageSession& session,
                                        const CallLimits& limits, const ReceiptPlace& place,
                                        const Lock& lock, const ReceiptFolders& folders);

}  // namespace cavra::engine
