// Whether a receipt is of the store that is open.
#pragma once

#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// Errors: usage, with both; unavailable, where no store is there.
[[nodiscard]] Result<void> check_same_store(const ReceiptFacts& receipt,
                                            const StoreDescription& store);

}  // namespace cavra::engine
