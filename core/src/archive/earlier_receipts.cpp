#include "archive/earlier_receipts.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "archive/crew.hpp"
#include "archive/receipt_chain.hpp"
#include "archive/receipts_in_store.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

// Where the listing is not allowed, an archive goes on without.
Result<ReceiptChain> read_chain(const ReceiptSearch& search, Notes& notes) {
  auto chain = ReceiptChain::read(search.prover, search.plan.archive_prefix,
                                  *search.options.receipt_roots, search.limits, notes);
  if (chain) return chain;
  const ErrorCode code = chain.error().code;
  if (code != ErrorCode::forbidden && code != ErrorCode::unsupported) return chain;
  notes.add("earlier receipts were not looked for: " + chain.error().message);
  return ReceiptChain{};
}

// Members in manifest order, the manifest behind them.
const Member& member_at(const VerifiedBundle& bundle, std::size_t index) {
  return index < bundle.members().size() ? bundle.members()[index] : bundle.manifest_file();
}

bool has_same_objects(const Receipt& receipt, const VerifiedBundle& bundle) {
  if (receipt.objects.size() != bundle.members().size() + 1) return false;
  for (std::size_t i = 0; i < receipt.objects.size(); ++i) {
    const ProvenObject& object = receipt.objects[i];
    const Member& member = member_at(bundle, i);
    if (object.member != member.path || object.sha256 != member.sha256 ||
        object.bytes != member.file.size)
      return false;
  }
  return true;
}

// Asks for one object as its receipt has it.
Result<Answer> ask(StorageSession& session, const ReceiptSearch& search, const CallLimits& limits,
                   const WantedObject& wanted) {
  CAVRA_TRY(FullAnswer all,
            ask_all(session, limits.context(wanted.bytes), wanted, search.question));
  return std::move(all).most_serious();
}

// Every object that is not as the receipt promises it.
Result<Findings> find_damage(const Receipt& receipt, const ReceiptSearch& search) {
  std::mutex mutex;
  Findings damage;
  const std::size_t workers = worker_count(search.options.workers, search.prover.describe());
  CAVRA_CHECK(run_crew(receipt.objects.size(), workers, search.options.is_cancelled,
                       [&](const StopFlag& is_stopped) -> Job {
                         auto session = std::make_shared<LazySession>(search.prover);
                         const CallLimits limits{search.limits.timeout, is_stopped};
                         return [&, session, limits](std::size_t index) -> Result<void> {
                           const ProvenObject& object = receipt.objects[index];
                           CAVRA_TRY(StorageSession* const open, session->get());
                           const WantedObject wanted{.key = receipt.member_key(object.member),
                                                     .version = object.version,
                                                     .sha256 = object.sha256,
                                                     .bytes = object.bytes,
                                                     .lock = receipt.lock};
                           CAVRA_TRY(const Answer answer, ask(*open, search, limits, wanted));
                           if (answer.doubt == Doubt::none) return {};
                           const std::lock_guard guard(mutex);
                           damage.push_back(
                               {code_of(answer.doubt), wanted.key,
                                answer.problem + ", and an earlier receipt promises it"});
                           return {};
                         };
                       }));
  std::ranges::sort(damage, {}, &Finding::place);
  return damage;
}

// Whether all but the lock of the receipt itself is right, and the lock too.
Result<bool> is_locked(const ReceiptSearch& search, const ChainLink& link) {
  CAVRA_TRY(const auto session, search.prover.session());
  CAVRA_TRY(const Answer answer, ask_state(*session, search.limits.context(),
                                           {.key = link.place.key,
                                            .version = link.place.version,
                                            .sha256 = {},
                                            .bytes = link.place.bytes,
                                            .lock = link.facts.lock}));
  return answer.doubt == Doubt::none;
}

// A receipt that could stand for a lock.
struct Candidate {
  const ChainLink* link = nullptr;  // null: none promises as much
  bool is_locked = false;
};

// One that is locked itself before one that is not.
Result<Candidate> choose(const ReceiptSearch& search, const std::vector<const ChainLink*>& heads,
                         const Lock& lock) {
  Candidate unlocked;
  for (const ChainLink* head : heads) {
    if (!is_sufficient(head->facts.lock, lock)) continue;
    CAVRA_TRY(const bool is_kept, is_locked(search, *head));
    if (is_kept) return Candidate{head, true};
    if (unlocked.link == nullptr) unlocked.link = head;
  }
  return unlocked;
}

void note_cleared_hold(const ReceiptChain& chain, Notes& notes) {
  for (const ChainLink& link : chain.links()) {
    if (link.facts.act.kind != ActKind::clear_hold) continue;
    notes.add("the legal hold of the signed policy was cleared, as the receipt " +
              quoted(link.place.key) + " says; `cavra hold set` sets it again");
    return;
  }
}

// The lock that a run has to ask for, and what follows from the receipts for its own.
void take_promises(const ReceiptChain& chain, EarlierReceipts& earlier, Notes& notes) {
  Lock promised;
  for (const ChainLink* head : chain.heads()) {
    promised = both(promised, head->facts.lock);
    earlier.newest.push_back(head->place.sha256);
    const bool is_later = head->facts.lock.retain_until_unix_s > earlier.lock.retain_until_unix_s;
    if (is_later && !earlier.retention) earlier.retention = head->facts.retention;
  }
  std::ranges::sort(earlier.newest);
  for (const ChainLink& link : chain.links())
    earlier.places.push_back(link.place);
  if (earlier.lock.legal_hold && !promised.legal_hold && chain.has_cleared_hold()) {
    earlier.lock.legal_hold = false;
    note_cleared_hold(chain, notes);
  }
  earlier.lock = both(earlier.lock, promised);
}

}  // namespace

Result<EarlierReceipts> look_at_receipts(const ReceiptSearch& search, Notes& notes) {
  EarlierReceipts earlier;
  earlier.lock = search.plan.lock;
  CAVRA_TRY(const ReceiptChain chain, read_chain(search, notes));
  for (const std::string& gap : chain.gaps())
    notes.add_first(gap);
  const auto heads = chain.heads();
  if (heads.empty()) return earlier;
  take_promises(chain, earlier, notes);
  CAVRA_TRY(const Candidate candidate, choose(search, heads, earlier.lock));
  const ChainLink& link = candidate.link != nullptr ? *candidate.link : *heads.front();
  CAVRA_TRY(const auto session, search.prover.session());
  CAVRA_TRY(StagedReceipt file,
            fetch_receipt(*session, search.limits, link.place, search.options.folders));
  CAVRA_TRY(std::string envelope, file.read());
  CAVRA_TRY(const CheckedReceipt checked,
            check_receipt(std::move(envelope), search.options.receipt_roots));
  if (!has_same_objects(checked.receipt, search.bundle)) {
    notes.add("the receipt " + quoted(link.place.key) + " has other objects than this bundle");
    return earlier;
  }
  CAVRA_TRY(earlier.damage, find_damage(checked.receipt, search));
  if (candidate.link != nullptr && earlier.damage.empty())
    earlier.standing =
        std::make_unique<StandingReceipt>(link.facts, std::move(file), candidate.is_locked);
  return earlier;
}

}  // namespace cavra::engine
