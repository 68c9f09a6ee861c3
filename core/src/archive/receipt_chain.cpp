#include "archive/receipt_chain.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "archive/inquiry.hpp"
#include "archive/store_match.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

bool follows(const ChainLink& link, std::string_view sha256) {
  return std::ranges::binary_search(link.facts.act.previous, sha256, std::less<>{},
                                    [](const std::string& text) { return std::string_view(text); });
}

// Errors: corrupt and usage say why it does not count.
Result<ChainLink> read_link(StorageSession& session, const StoreDescription& store,
                            const std::string& archive_prefix, const TrustRoots& roots,
                            const CallLimits& limits, const ReceiptPlace& place) {
  CAVRA_TRY(CheckedReceipt checked, read_receipt(session, limits, place, roots));
  if (!checked.findings.empty()) return Error{ErrorCode::corrupt, checked.findings.front().message};
  if (checked.receipt.archive_prefix != archive_prefix)
    return Error{ErrorCode::corrupt, "it is of another archive"};
  CAVRA_CHECK(check_same_store(checked.receipt, store));
  return ChainLink{place, std::move(checked.receipt)};
}

// The receipt that was read before: whether it lies there, and not other bytes under its name.
Result<ChainLink> find_known(StorageSession& session, const CallLimits& limits,
                             const ReceiptPlace& place, const CheckedReceipt& known) {
  const auto ignore = [](std::span<const std::byte>) { return Result<void>(); };
  CAVRA_CHECK(get_receipt(session, limits, place, ignore));
  return ChainLink{place, static_cast<const ReceiptFacts&>(known.receipt)};
}

bool only_does_not_count(ErrorCode code) {
  return code == ErrorCode::corrupt || code == ErrorCode::usage || code == ErrorCode::not_found;
}

}  // namespace

Result<ReceiptChain> ReceiptChain::read(StorageBackend& store, const std::string& archive_prefix,
                                        const TrustRoots& roots, const CallLimits& limits,
                                        Notes& notes, const CheckedReceipt* known) {
  CAVRA_TRY(const auto session, store.session());
  ReceiptChain chain;
  const std::string prefix = archive_prefix + "receipts/";
  CAVRA_TRY(ReceiptListing listing, list_receipts(*session, limits.context(), prefix, notes));
  chain.places_ = std::move(listing.places);
  if (listing.untold > 0)
    chain.gaps_.push_back(std::to_string(listing.untold) + " receipts below " + quoted(prefix) +
                          " were not looked at: there are more than " +
                          std::to_string(chain.places_.size()));
  for (const ReceiptPlace& place : chain.places_) {
    const bool is_known = known != nullptr && known->sha256 == place.sha256;
    auto link = is_known
                    ? find_known(*session, limits, place, *known)
                    : read_link(*session, store.describe(), archive_prefix, roots, limits, place);
    if (!link && only_does_not_count(link.error().code)) {
      notes.add("the receipt " + quoted(place.key) + " does not count: " + link.error().message);
      continue;
    }
    if (!link && link.error().code == ErrorCode::forbidden) {
      chain.gaps_.push_back("the receipt " + quoted(place.key) +
                            " could not be read: " + link.error().message);
      continue;
    }
    if (!link) return at_key("read the receipt", place.key, std::move(link).error());
    if (is_known && !chain.known_) chain.known_ = place;
    const bool does_count = !is_known || counts(*known);
    // The same bytes may lie there as several versions.
    if (does_count && chain.find(place.sha256) == nullptr) chain.links_.push_back(*std::move(link));
  }
  return chain;
}

const ChainLink* ReceiptChain::find(std::string_view sha256) const {
  const auto found = std::ranges::find(
      links_, sha256, [](const ChainLink& link) { return std::string_view(link.place.sha256); });
  return found == links_.end() ? nullptr : &*found;
}

bool ReceiptChain::has_name(std::string_view sha256) const {
  return std::ranges::any_of(
      places_, [sha256](const ReceiptPlace& place) { return place.sha256 == sha256; });
}

bool ReceiptChain::is_followed(std::string_view sha256) const {
  return std::ranges::any_of(links_, [&](const ChainLink& link) { return follows(link, sha256); });
}

std::vector<const ChainLink*> ReceiptChain::heads() const {
  std::vector<const ChainLink*> heads;
  for (const ChainLink& link : links_)
    if (!is_followed(link.place.sha256)) heads.push_back(&link);
  std::ranges::sort(heads, std::greater<>{},
                    [](const ChainLink* head) { return rank_of(head->facts, head->place.sha256); });
  return heads;
}

std::vector<const ChainLink*> ReceiptChain::after(std::string_view sha256) const {
  std::set<const ChainLink*> known;
  std::vector<std::string_view> open{sha256};
  while (!open.empty()) {
    const std::string_view earlier = open.back();
    open.pop_back();
    for (const ChainLink& link : links_)
      if (follows(link, earlier) && known.insert(&link).second) open.push_back(link.place.sha256);
  }
  return {known.begin(), known.end()};  // places in one vector: by key
}

bool ReceiptChain::has_cleared_hold() const {
  const auto clears = [](const ChainLink& link) {
    return link.facts.act.kind == ActKind::clear_hold;
  };
  return std::ranges::any_of(links_, clears) && !is_held();
}

bool ReceiptChain::has_cleared_hold_after(std::string_view sha256) const {
  return is_cleared_after(sha256) && !is_held();
}

std::vector<std::string> ReceiptChain::reasons_of_holds() const {
  std::vector<std::string> reasons;
  for (const ChainLink& link : links_)
    if (link.facts.act.kind == ActKind::set_hold && !is_cleared_after(link.place.sha256))
      reasons.push_back(link.facts.act.reason);
  return reasons;
}

bool ReceiptChain::is_cleared_after(std::string_view sha256) const {
  return std::ranges::any_of(after(sha256), [](const ChainLink* link) {
    return link->facts.act.kind == ActKind::clear_hold;
  });
}

bool ReceiptChain::is_held() const {
  return std::ranges::any_of(heads(),
                             [](const ChainLink* head) { return head->facts.lock.legal_hold; });
}

}  // namespace cavra::engine
