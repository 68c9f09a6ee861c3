#include "archive/store_match.hpp"

#include "cavra/support/encoding.hpp"

namespace cavra::engine {

Result<void> check_same_store(const ReceiptFacts& receipt, const StoreDescription& store) {
  const auto differs = [](const std::string& a, const std::string& b) {
    return !a.empty() && !b.empty() && a != b;
  };
  const auto refuse = [&](const std::string& of, const std::string& is) {
    return Error{ErrorCode::usage, "the receipt is of the store " + quoted(receipt.store) + " at " +
                                       quoted(receipt.location) + " (" + printable(of) +
                                       "), and this store is " + quoted(store.location) + " (" +
                                       printable(is) + ")"};
  };
  if (differs(receipt.plugin_id, store.plugin_id))
    return refuse("plugin " + receipt.plugin_id, "plugin " + store.plugin_id);
  if (!receipt.store_identity.empty() && store.identity.empty())
    return Error{ErrorCode::unavailable,
                 "the receipt is of the store " + quoted(receipt.store) + " (identity " +
                     printable(receipt.store_identity) + "), and at " + quoted(store.location) +
                     " there is no store; is its disk mounted?",
                 true};
  if (differs(receipt.store_identity, store.identity))
    return refuse("identity " + receipt.store_identity, "identity " + store.identity);
  return {};
}

}  // namespace cavra::engine
