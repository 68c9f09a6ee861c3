// ReceiptChain: the receipts of one archive that count, and which follows which (ADR 13).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "archive/notes.hpp"
#include "archive/receipts_in_store.hpp"
#include "archive/store_session.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"
#include "cavra/trust_roots.hpp"

namespace cavra::engine {

struct ChainLink {
  ReceiptPlace place;
  ReceiptFacts facts;
};

// Which of two receipts that no other one follows counts as the newer: by date, by claimed time,
// and by digest, so that everybody finds the same one.
[[nodiscard]] inline auto rank_of(const ReceiptFacts& facts, const std::string& sha256) {
  return std::tuple(facts.lock.retain_until_unix_s, facts.act.claimed_at_unix_s, sha256);
}

// A value. A receipt names those before it by their digest, so there are no circles.
class ReceiptChain {
 public:
  // All receipts of an archive that `roots` trust, without a finding, and that are of this store.
  // What lies there and does not count becomes a note. `known`, of this archive, is looked for and
  // not checked again. Errors: what the store returns.
  [[nodiscard]] static Result<ReceiptChain> read(StorageBackend& store,
                                                 const std::string& archive_prefix,
                                                 const TrustRoots& roots, const CallLimits& limits,
                                                 Notes& notes,
                                                 const CheckedReceipt* known = nullptr);

  // By key.
  [[nodiscard]] const std::vector<ChainLink>& links() const noexcept { return links_; }
  [[nodiscard]] const ChainLink* find(std::string_view sha256) const;
  // What could not be looked at, in words: any of it may say more than what was read.
  [[nodiscard]] const std::vector<std::string>& gaps() const noexcept { return gaps_; }
  // Where the known receipt lies, also where it does not count.
  [[nodiscard]] const std::optional<ReceiptPlace>& known() const noexcept { return known_; }
  [[nodiscard]] bool has_name(std::string_view sha256) const;
  // Those that no other one follows, by rank_of(), the newest first.
  [[nodiscard]] std::vector<const ChainLink*> heads() const;
  // All that follow this receipt, directly or through others, by key.
  [[nodiscard]] std::vector<const ChainLink*> after(std::string_view sha256) const;
  [[nodiscard]] bool is_held() const;  // one of the newest promises a hold
  // Whether a hold was cleared by a receipt of the chain, or by one after that of this digest, and
  // none of the newest promises one again.
  [[nodiscard]] bool has_cleared_hold() const;
  [[nodiscard]] bool has_cleared_hold_after(std::string_view sha256) const;
  // Of the receipts that set a hold and that no clearing follows, by key.
  [[nodiscard]] std::vector<std::string> reasons_of_holds() const;

 private:
  [[nodiscard]] bool is_cleared_after(std::string_view sha256) const;
  [[nodiscard]] bool is_followed(std::string_view sha256) const;

  std::vector<ReceiptPlace> places_;  // named as receipts, also what does not count; by key
  std::vector<std::string> gaps_;
  std::optional<ReceiptPlace> known_;
  std::vector<ChainLink> links_;
};

}  // namespace cavra::engine
