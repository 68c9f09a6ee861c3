// The receipts that lie in a store below an archive's receipts/: listed and fetched.
//
// Anybody who may put there may have put them: a name says which digest, and nothing is believed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "archive/notes.hpp"
#include "archive/receipt_file.hpp"
#include "archive/store_session.hpp"
#include "cavra/archive.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

struct ReceiptPlace {
  std::string key;
  std::string version;
  std::string sha256;  // as the name says
  std::uint64_t bytes = 0;
  bool is_latest = true;
};

struct ReceiptListing {
  std::vector<ReceiptPlace> places;  // by key
  std::size_t untold = 0;            // beyond the first 4096: each one is read, so there is an end
};

// Of each object named as a receipt. What is none becomes a note. Errors: what the store returns,
// with the prefix.
[[nodiscard]] Result<ReceiptListing> list_receipts(StorageSession& session, const CallContext& call,
                                                   const std::string& prefix, Notes& notes);

// Streams the receipt's bytes. Errors: corrupt where they are not what the name says (the sink has
// had some by then); what the store or the sink returns.
[[nodiscard]] Result<void> get_receipt(StorageSession& session, const CallLimits& limits,
                                       const ReceiptPlace& place, const ByteSink& sink);

// The same into memory, and checked. Errors: corrupt also where it is no receipt at all.
[[nodiscard]] Result<CheckedReceipt> read_receipt(StorageSession& session, const CallLimits& limits,
                                                  const ReceiptPlace& place,
                                                  const TrustRoots& roots);

// The same into a file of ours in the receipts folder, not published yet. Errors: also io.
[[nodiscard]] Result<StagedReceipt> fetch_receipt(StorageSession& session, const CallLimits& limits,
                                                  const ReceiptPlace& place,
                                                  const ReceiptFolders& folders);

}  // namespace cavra::engine
