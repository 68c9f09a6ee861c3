#include "archive/found_receipt.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "archive/receipt_chain.hpp"
#include "archive/receipts_in_store.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

// Where the listing is not allowed, an archive goes on without.
Result<std::vector<ReceiptPlace>> list_candidates(const ReceiptSearch& search, Notes& notes) {
  CAVRA_TRY(const auto session, search.prover.session());
  auto places =
      list_receipts(*session, search.limits.context(), search.plan.receipts_prefix, notes);
  if (places) return places;
  const ErrorCode code = places.error().code;
  if (code != ErrorCode::forbidden && code != ErrorCode::unsupported) return places;
  notes.add("earlier receipts were not looked for: " + places.error().message);
  return std::vector<ReceiptPlace>{};
}

// Members in manifest order, the manifest behind them.
const Member& member_at(const VerifiedBundle& bundle, std::size_t index) {
  return index < bundle.members().size() ? bundle.members()[index] : bundle.manifest_file();
}

// Why a receipt does not speak of what this run would archive; empty where it does.
std::string why_not_same(const Receipt& receipt, const ReceiptSearch& search) {
  const StoreDescription& store = search.prover.describe();
  if (receipt.plugin_id != store.plugin_id || receipt.store_identity != store.identity)
    return "it is of another store";
  if (receipt.archive_prefix != search.plan.archive_prefix) return "it has another prefix";
  if (receipt.objects.size() != search.bundle.members().size() + 1)
    return "it has other objects than this bundle";
  for (std::size_t i = 0; i < receipt.objects.size(); ++i) {
    const ProvenObject& object = receipt.objects[i];
    const Member& member = member_at(search.bundle, i);
    if (object.member != member.path || object.sha256 != member.sha256 ||
        object.bytes != member.file.size)
      return "it has other objects than this bundle";
  }
  if (!is_sufficient(receipt.lock, search.plan.lock))
    return "it promises " + describe(receipt.lock) + ", and " + describe(search.plan.lock) +
           " is wanted now";
  return {};
}

// Where there are no trust roots: whether the key of this run signed it. Ed25519 gives one
// signature for one message, so our own is the comparison; by now all that is signed was proven.
Result<std::string> why_not_ours(const CheckedReceipt& checked, const StagedReceipt& file,
                                 const ReceiptSearch& search) {
  for (const Finding& finding : checked.findings)
    if (finding.code != "receipt.trust") return finding.message;
  if (checked.key_id != search.receipt_key.key_id())
    return "the key " + quoted(checked.key_id) + " signed it, and no trust root says whose it is";
  CAVRA_TRY(const std::string again, sign_receipt(checked.receipt, search.receipt_key));
  const bool is_same = sha256(again) == file.sha256();
  return is_same ? std::string() : "this run's receipt key did not sign it";
}

Result<void> prove_again(StorageSession& session, const ReceiptSearch& search,
                         const CallLimits& limits, const WantedObject& wanted) {
  CAVRA_TRY(Answer answer, ask_state(session, limits.context(), wanted));
  if (answer.doubt == Doubt::none)
    CAVRA_CHECK(ask_digest(session, limits.context(wanted.bytes), wanted, search.question, answer));
  if (answer.doubt == Doubt::none) return {};
  return Error{ErrorCode::unproven, quoted(wanted.key) + ": " + answer.problem};
}

// Errors: unproven where an object is not as the receipt and the plan need it.
Result<void> prove_objects(const Receipt& receipt, const ReceiptSearch& search, const Lock& lock) {
  return run_crew(receipt.objects.size(), worker_count(search.options.workers),
                  search.options.is_cancelled, [&](const StopFlag& is_stopped) -> Job {
                    auto session = std::make_shared<LazySession>(search.prover);
                    const CallLimits limits{search.limits.timeout, is_stopped};
                    return [&, session, limits](std::size_t index) -> Result<void> {
                      const ProvenObject& object = receipt.objects[index];
                      CAVRA_TRY(StorageSession* const open, session->get());
                      return prove_again(*open, search, limits,
                                         {.key = receipt.member_key(object.member),
                                          .version = object.version,
                                          .sha256 = object.sha256,
                                          .bytes = object.bytes,
                                          .lock = lock});
                    };
                  });
}

// The receipt in the store is evidence itself, under the same lock; its bytes were just read.
// False: all but the lock is right.
Result<bool> prove_receipt(const ReceiptSearch& search, const ReceiptPlace& candidate,
                           const StagedReceipt& file, const Lock& lock) {
  CAVRA_TRY(const auto session, search.prover.session());
  CAVRA_TRY(const Answer answer, ask_state(*session, search.limits.context(),
                                           {.key = candidate.key,
                                            .version = candidate.version,
                                            .sha256 = file.sha256(),
                                            .bytes = file.bytes(),
                                            .lock = lock}));
  if (answer.doubt == Doubt::none) return true;
  if (answer.doubt == Doubt::incomplete || answer.doubt == Doubt::lock) return false;
  return Error{ErrorCode::unproven, answer.problem};
}

// The receipt, where it counts; nothing for one of a later act. Errors: corrupt and unproven say
// why it does not count.
Result<std::optional<FoundReceipt>> check_candidate(const ReceiptSearch& search,
                                                    const ReceiptPlace& candidate,
                                                    const Lock& lock) {
  const auto does_not_count = [](std::string why) {
    return Error{ErrorCode::corrupt, std::move(why)};
  };
  CAVRA_TRY(const auto session, search.prover.session());
  CAVRA_TRY(StagedReceipt file,
            fetch_receipt(*session, search.limits, candidate, search.options.folders));
  CAVRA_TRY(std::string envelope, file.read());
  CAVRA_TRY(const CheckedReceipt checked,
            check_receipt(std::move(envelope), search.options.receipt_roots));
  if (search.options.receipt_roots != nullptr && !checked.findings.empty())
    return does_not_count(checked.findings.front().message);
  if (checked.receipt.act.kind != ActKind::archive) return std::optional<FoundReceipt>{};
  if (std::string why = why_not_same(checked.receipt, search); !why.empty())
    return does_not_count(std::move(why));
  CAVRA_CHECK(prove_objects(checked.receipt, search, lock));
  CAVRA_TRY(const bool is_locked, prove_receipt(search, candidate, file, lock));
  if (search.options.receipt_roots == nullptr) {
    CAVRA_TRY(std::string why, why_not_ours(checked, file, search));
    if (!why.empty()) return does_not_count(std::move(why));
  }
  return std::optional(
      FoundReceipt{static_cast<const ReceiptFacts&>(checked.receipt), std::move(file), is_locked});
}

// The receipts that may say that a hold was cleared; without trust roots nobody is believed.
Result<ReceiptChain> read_chain(const ReceiptSearch& search, std::size_t candidates) {
  const bool may_be_cleared = search.plan.lock.legal_hold && candidates > 1;
  if (!may_be_cleared || search.options.receipt_roots == nullptr) return ReceiptChain{};
  Notes told_with_the_candidates;
  return ReceiptChain::read(search.prover, search.plan.archive_prefix,
                            *search.options.receipt_roots, search.limits, told_with_the_candidates);
}

bool only_does_not_count(ErrorCode code) {
  return code == ErrorCode::corrupt || code == ErrorCode::unproven || code == ErrorCode::not_found;
}

}  // namespace

Result<std::optional<FoundReceipt>> find_receipt(const ReceiptSearch& search, Notes& notes) {
  CAVRA_TRY(const auto candidates, list_candidates(search, notes));
  CAVRA_TRY(const ReceiptChain chain, read_chain(search, candidates.size()));
  std::optional<FoundReceipt> unlocked;
  for (const ReceiptPlace& candidate : candidates) {
    Lock lock = search.plan.lock;
    const ChainLink* const clearing = chain.clearing_after(candidate.sha256);
    if (clearing != nullptr) lock.legal_hold = false;
    auto found = check_candidate(search, candidate, lock);
    if (!found) {
      if (!only_does_not_count(found.error().code))
        return at_key("check the receipt", candidate.key, std::move(found).error());
      notes.add("the receipt " + quoted(candidate.key) +
                " does not stand for this archive: " + found.error().message);
      continue;
    }
    if (!*found) continue;
    if (clearing != nullptr)
      notes.add("the legal hold of the signed policy was cleared, as the receipt " +
                quoted(clearing->place.key) + " says; `cavra hold set` sets it again");
    if ((*found)->is_locked) return found;
    if (!unlocked) unlocked.emplace(**std::move(found));
  }
  return unlocked;
}

}  // namespace cavra::engine
