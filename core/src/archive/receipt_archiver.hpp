// A receipt's way: signed, put into the store under its lock, and proven there.
#pragma once

#include <cstddef>
#include <string>

#include "archive/object_archiver.hpp"
#include "archive/receipt_file.hpp"
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

}  // namespace cavra::engine
