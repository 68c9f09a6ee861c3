// Reading a receipt file and opening the store that it names: for status and restore.
#pragma once

#include <memory>
#include <string>

#include "cavra/receipt.hpp"
#include "command.hpp"
#include "session.hpp"

namespace cavra::cli {

// --receipt-trust-root and --store.
[[nodiscard]] std::vector<Option> receipt_options();

struct StoredReceipt {
  CheckedReceipt checked;
  std::unique_ptr<StorageBackend> store;
};

// The receipt in a file, or the one whose digest begins with the word given, in the configured
// receipts folder. Errors: usage (no such file, no such store), corrupt (no receipt).
[[nodiscard]] Result<StoredReceipt> open_stored_receipt(const Arguments& arguments,
                                                        Session& session);

}  // namespace cavra::cli
