// The key that signs receipts, the roots that say whose receipts count, and the folder they go to.
#pragma once

#include <memory>

#include "cavra/config.hpp"
#include "cavra/receipt.hpp"
#include "cavra/signer.hpp"
#include "cavra/support/result.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra::cli {

struct ReceiptKey {
  std::unique_ptr<Signer> signer;
  std::unique_ptr<TrustRoots> roots;
};

// Errors: usage (not configured, unreadable, not among the roots), refused (the key cannot sign
// now).
[[nodiscard]] Result<ReceiptKey> load_receipt_key(const Config& config);

// Where the configuration keeps receipts.
[[nodiscard]] ReceiptFolders receipt_folders(const Config& config);

// Makes the receipts folder, and tells whether receipts can be written to it. Errors: usage, io.
[[nodiscard]] Result<void> check_receipts_folder(const Config& config);

}  // namespace cavra::cli
