// Receipts in files, and the stores that they name: for status, restore and later acts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cavra/receipt.hpp"
#include "cavra/support/time.hpp"
#include "command.hpp"
#include "session.hpp"

namespace cavra::cli {

// --receipt-trust-root and --store.
[[nodiscard]] std::vector<Option> receipt_options();

// Whose receipts count: --receipt-trust-root, else the configuration's. Errors: usage.
[[nodiscard]] Result<FileTrustRoots> receipt_roots(const Arguments& arguments,
                                                   const Config& config);

// --at: what is due then. Errors: usage.
[[nodiscard]] Option at_option();
[[nodiscard]] Result<Timestamp> asked_time(const Arguments& arguments);

struct StoredReceipt {
  std::filesystem::path file;
  CheckedReceipt checked;
  std::shared_ptr<const TrustRoots> roots;  // that it was checked with
};

// The receipt in a file, or the one whose digest begins with `word`, in the configured receipts
// folder. Its findings tell also where the configured trust roots have revoked the key that signed
// the evidence ("receipt.evidence_revoked"). Errors: usage (no such file), corrupt (no receipt).
[[nodiscard]] Result<StoredReceipt> read_stored_receipt(const std::string& word,
                                                        const Arguments& arguments,
                                                        Session& session);

// The store to ask: --store, else the one that the receipt names. Errors: usage, and what the
// plugin returns.
[[nodiscard]] Result<std::unique_ptr<StorageBackend>> open_receipt_store(const Receipt& receipt,
                                                                         const Arguments& arguments,
                                                                         Session& session);

// Every file in the configured receipts folder, sorted. Errors: usage (there is no such folder),
// io.
[[nodiscard]] Result<std::vector<std::string>> all_receipt_files(Session& session);

// Those of the files that no other one follows; what cannot be read or is not trusted is among
// them, and hides none. Errors: what reading the configuration returns.
[[nodiscard]] Result<std::vector<std::string>> newest_receipts(std::vector<std::string> files,
                                                               const Arguments& arguments,
                                                               Session& session);

}  // namespace cavra::cli
