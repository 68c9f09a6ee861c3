#include "cavra/later_act.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "archive/crew.hpp"
#include "archive/inquiry.hpp"
#include "archive/notes.hpp"
#include "archive/object_archiver.hpp"
#include "archive/receipt_archiver.hpp"
#include "archive/receipt_chain.hpp"
#include "archive/store_match.hpp"
#include "cavra/support/encoding.hpp"
#include "retention/store_limits.hpp"

namespace cavra {

namespace engine {

namespace {

// One act: what it is going to change, and doing it.
class ActRun {
 public:
  ActRun(const CheckedReceipt& checked, const LaterAct& act, StorageBackend& writer,
         StorageBackend& prover, const ArchiveOptions& options)
      : checked_(checked),
        receipt_(checked.receipt),
        act_(act),
        writer_(writer),
        prover_(prover),
        options_(options),
        limits_{options.call_timeout, options.is_cancelled},
        question_{&options_.hasher, prover.describe().checks_sha256,
                  [this](std::uint64_t bytes) { tally_.add_bytes(bytes); }},
        tally_(options) {}

  Result<ActPlan> plan();
  Result<ArchiveOutcome> carry_out(const ActPlan& shown, const Signer& receipt_key);

 private:
  [[nodiscard]] Result<void> check_input() const;
  [[nodiscard]] Result<void> read_chain();
  [[nodiscard]] Result<void> change_facts();
  [[nodiscard]] Result<void> change_date();
  [[nodiscard]] Result<void> set_hold();

  [[nodiscard]] ObjectArchiver archiver(const StopFlag& is_stopped) {
    return {writer_, prover_, CallLimits{limits_.timeout, is_stopped}, question_, tally_};
  }
  [[nodiscard]] Result<Answer> change(ObjectArchiver& archiver, const WantedObject& wanted) const;
  [[nodiscard]] Result<void> change_object(ObjectArchiver& archiver, std::size_t index);
  [[nodiscard]] Result<void> change_objects();
  [[nodiscard]] Result<void> change_receipt(ObjectArchiver& archiver, StorageSession& session,
                                            const ReceiptPlace& place);
  [[nodiscard]] Result<void> change_receipts();
  [[nodiscard]] Result<void> check_nobody_came_between();
  [[nodiscard]] Result<void> check_still_so();
  [[nodiscard]] Result<ArchiveOutcome> keep_newest();
  [[nodiscard]] Result<ArchiveOutcome> make_receipt(const Signer& receipt_key);
  [[nodiscard]] ArchiveOutcome outcome(const ReceiptFacts& facts, const StagedReceipt& file);

  const CheckedReceipt& checked_;
  const Receipt& receipt_;
  const LaterAct& act_;
  StorageBackend& writer_;
  StorageBackend& prover_;
  const ArchiveOptions& options_;
  const CallLimits limits_;
  const DigestQuestion question_;
  ArchiveTally tally_;
  Notes notes_;
  ReceiptChain chain_;
  Lock before_;
  ReceiptFacts newest_;  // of the receipts that no other one follows, the one with the latest date
  std::string newest_sha256_;
  ReceiptFacts facts_;  // of the receipt to be made
  std::vector<ProvenObject> shown_;
};

Result<void> check_text(std::string_view name, const std::string& text) {
  constexpr std::size_t kMaxBytes = 1024;
  if (is_utf8(text) && text.size() <= kMaxBytes) return {};
  return Error{ErrorCode::usage, "the " + std::string(name) + " must be UTF-8 of at most " +
                                     std::to_string(kMaxBytes) + " bytes"};
}

Result<void> ActRun::check_input() const {
  if (!counts(checked_))
    return Error{ErrorCode::corrupt,
                 "the receipt does not hold, so nothing is done by it: " +
                     checked_.findings.front().message +
                     "; where the archive has no other, restore the bundle and archive it again"};
  CAVRA_CHECK(check_text("reason", act_.reason));
  CAVRA_CHECK(check_text("reference", options_.reference));
  return check_same_store(receipt_, prover_.describe());
}

// What the receipts promise together. The one that was named counts also where it is not in the
// store any more.
Result<void> ActRun::read_chain() {
  CAVRA_TRY(chain_, ReceiptChain::read(prover_, receipt_.archive_prefix, *options_.receipt_roots,
                                       limits_, notes_, &checked_));
  if (!chain_.gaps().empty())
    return Error{ErrorCode::refused,
                 "nothing was changed, as not all receipts of the archive can be known: " +
                     chain_.gaps().front() + "; have what does not belong there removed"};
  facts_.act.previous.clear();
  const auto take = [this](const ReceiptFacts& facts, const std::string& sha256) {
    facts_.act.previous.push_back(sha256);
    before_ = both(before_, facts.lock);
    if (newest_sha256_.empty() || rank_of(facts, sha256) > rank_of(newest_, newest_sha256_)) {
      newest_ = facts;
      newest_sha256_ = sha256;
    }
  };
  for (const ChainLink* head : chain_.heads())
    take(head->facts, head->place.sha256);
  const bool is_in_chain = chain_.find(checked_.sha256) != nullptr;
  if (!is_in_chain && chain_.after(checked_.sha256).empty()) take(receipt_, checked_.sha256);
  std::ranges::sort(facts_.act.previous);
  return {};
}

Result<void> ActRun::change_date() {
  const std::int64_t until = act_.retain_until_unix_s.value_or(0);
  if (Timestamp{until, 0} <= act_.now)
    return Error{ErrorCode::refused,
                 format_utc({until, 0}) + " is past: nothing can be kept until then"};
  if (before_.retain_until_unix_s && until < *before_.retain_until_unix_s)
    return Error{ErrorCode::refused,
                 "it is kept until " + format_utc({*before_.retain_until_unix_s, 0}) + ", and " +
                     format_utc({until, 0}) + " is earlier: a lock is never shortened"};
  if (facts_.lock.retain_until_unix_s == until) return {};
  facts_.lock.retain_until_unix_s = until;
  facts_.retention.retain_until_unix_s = until;
  facts_.retention.requested_unix_s = until;
  facts_.retention.source = "requested date";
  StorePlan limits;
  limits.store = facts_.store;
  limits.lock = facts_.lock;
  limits.retention = facts_.retention;
  CAVRA_CHECK(detail::check_limits(limits, BundleSummary{}, prover_.describe()));
  return check_store_can_hold(limits, prover_.describe(), act_.now);
}

Result<void> ActRun::set_hold() {
  if (!prover_.describe().has_legal_hold)
    return Error{ErrorCode::refused, "the store " + quoted(facts_.store) +
                                         " has no legal holds; `retain` can keep it longer"};
  facts_.lock.legal_hold = true;
  return {};
}

// From the newest receipt to the one that is to be made.
Result<void> ActRun::change_facts() {
  Act act{act_.kind, act_.now.unix_s, std::move(facts_.act.previous), act_.reason};
  facts_ = newest_;
  facts_.act = std::move(act);
  facts_.lock = before_;
  const StoreDescription& store = prover_.describe();
  facts_.location = store.location;
  facts_.plugin_version = store.plugin_version;
  facts_.plugin_sha256 = store.plugin_sha256;
  if (!options_.reference.empty()) facts_.reference = options_.reference;
  switch (act_.kind) {
    case ActKind::archive:
      return Error{ErrorCode::internal, "an archive is no later act"};
    case ActKind::retain:
      return change_date();
    case ActKind::set_hold:
      return set_hold();
    case ActKind::clear_hold:
      facts_.lock.legal_hold = false;
      return {};
  }
  return Error{ErrorCode::internal, "no such act"};
}

Result<ActPlan> ActRun::plan() {
  CAVRA_CHECK(check_input());
  CAVRA_CHECK(read_chain());
  CAVRA_CHECK(change_facts());
  return ActPlan{before_, facts_.lock, newest_sha256_, chain_.reasons_of_holds(), notes_.take()};
}

Result<Answer> ActRun::change(ObjectArchiver& archiver, const WantedObject& wanted) const {
  return act_.kind == ActKind::clear_hold ? archiver.clear_hold(wanted)
                                          : archiver.raise_lock(wanted);
}

Result<void> ActRun::change_object(ObjectArchiver& archiver, std::size_t index) {
  const ProvenObject& object = receipt_.objects[index];
  const WantedObject wanted{.key = receipt_.member_key(object.member),
                            .version = object.version,
                            .sha256 = object.sha256,
                            .bytes = object.bytes,
                            .lock = facts_.lock,
                            .stored_at_unix_s = object.stored_at_unix_s};
  CAVRA_TRY(const Answer answer, change(archiver, wanted));
  if (answer.doubt != Doubt::none) {
    const bool is_lock = answer.doubt == Doubt::lock || answer.doubt == Doubt::incomplete;
    return Error{is_lock ? ErrorCode::unproven : ErrorCode::corrupt,
                 quoted(wanted.key) + ": " + answer.problem};
  }
  ProvenObject& shown = shown_[index] = object;
  shown.lock = answer.info.lock;
  shown.stored_at_unix_s = answer.info.stored_at_unix_s;
  shown.proof = answer.proof;
  return {};
}

Result<void> ActRun::change_objects() {
  shown_.resize(receipt_.objects.size());
  return run_crew(shown_.size(), worker_count(options_.workers, prover_.describe()),
                  options_.is_cancelled, [this](const StopFlag& is_stopped) -> Job {
                    auto mine = std::make_shared<ObjectArchiver>(archiver(is_stopped));
                    return [this, mine](std::size_t index) { return change_object(*mine, index); };
                  });
}

Result<void> ActRun::change_receipt(ObjectArchiver& archiver, StorageSession& session,
                                    const ReceiptPlace& place) {
  CAVRA_CHECK(keep_receipt(archiver, session, limits_, place, facts_.lock, options_.folders));
  if (act_.kind != ActKind::clear_hold) return {};
  WantedObject wanted{.key = place.key,
                      .version = place.version,
                      .sha256 = {},
                      .bytes = place.bytes,
                      .lock = facts_.lock};
  if (const auto digest = Digest::from_hex(place.sha256)) wanted.sha256 = *digest;
  CAVRA_TRY(const Answer answer, archiver.clear_hold(wanted));
  if (answer.doubt == Doubt::none) return {};
  return Error{ErrorCode::unproven, quoted(wanted.key) + ": " + answer.problem};
}

Result<void> ActRun::change_receipts() {
  CAVRA_TRY(const auto session, prover_.session());
  ObjectArchiver mine = archiver(options_.is_cancelled);
  for (const ChainLink& link : chain_.links())
    CAVRA_CHECK(change_receipt(mine, *session, link.place));
  return {};
}

Result<ArchiveOutcome> ActRun::keep_newest() {
  const ChainLink* link = chain_.find(newest_sha256_);
  CAVRA_TRY(const auto session, prover_.session());
  CAVRA_TRY(StagedReceipt file, fetch_receipt(*session, limits_, link->place, options_.folders));
  ArchiveOutcome kept = outcome(newest_, file);
  CAVRA_TRY(kept.receipt_file, std::move(file).publish());
  return kept;
}

Result<ArchiveOutcome> ActRun::make_receipt(const Signer& receipt_key) {
  CAVRA_TRY(StagedReceipt file,
            stage_receipt(
                facts_, shown_.size(), [this](std::size_t index) { return shown_[index]; },
                receipt_key, options_));
  ObjectArchiver mine = archiver(options_.is_cancelled);
  CAVRA_CHECK(archive_receipt(mine, file, facts_.receipt_key(file.sha256().hex()), facts_.lock));
  ArchiveOutcome made = outcome(facts_, file);
  made.is_new = true;
  CAVRA_TRY(made.receipt_file, std::move(file).publish());
  return made;
}

ArchiveOutcome ActRun::outcome(const ReceiptFacts& facts, const StagedReceipt& file) {
  ArchiveOutcome outcome;
  outcome.receipt = facts;
  outcome.objects = shown_.size();
  for (const ProvenObject& object : shown_)
    outcome.bytes += object.bytes;
  outcome.receipt_sha256 = file.sha256().hex();
  outcome.receipt_key = facts.receipt_key(outcome.receipt_sha256);
  outcome.created = tally_.created;
  outcome.already_present = tally_.already_present;
  outcome.raised = tally_.raised;
  outcome.cleared = tally_.cleared;
  outcome.notes = notes_.take();
  return outcome;
}

// Two acts at once: who signs second would not know what the first one did.
Result<void> ActRun::check_nobody_came_between() {
  Notes ignored;
  CAVRA_TRY(const ReceiptChain now,
            ReceiptChain::read(prover_, receipt_.archive_prefix, *options_.receipt_roots, limits_,
                               ignored, &checked_));
  for (const ChainLink* head : now.heads()) {
    if (std::ranges::binary_search(facts_.act.previous, head->place.sha256)) continue;
    return Error{ErrorCode::conflict,
                 "another act on this archive came between, with the receipt " +
                     head->place.sha256 +
                     ": nothing was signed; see `cavra status`, and say it again"};
  }
  return {};
}

// What was proven object by object, all of it once more: another act may have undone some of it
// meanwhile. The bytes do not change.
Result<void> ActRun::check_still_so() {
  return run_crew(
      receipt_.objects.size(), worker_count(options_.workers, prover_.describe()),
      options_.is_cancelled, [this](const StopFlag& is_stopped) -> Job {
        auto session = std::make_shared<LazySession>(prover_);
        const CallLimits limits{options_.call_timeout, is_stopped};
        return [this, session, limits](std::size_t index) -> Result<void> {
          const ProvenObject& object = receipt_.objects[index];
          const std::string key = receipt_.member_key(object.member);
          CAVRA_TRY(StorageSession* const open, session->get());
          auto info = open->stat(limits.context(), key, object.version);
          if (!info) return at_key("ask for", key, std::move(info).error());
          const bool is_cleared = act_.kind != ActKind::clear_hold || !info->lock.legal_hold;
          if (is_cleared && is_sufficient(info->lock, facts_.lock)) return {};
          return Error{ErrorCode::unproven,
                       quoted(key) + ": the store shows " + describe(info->lock) +
                           " by now: somebody changed it meanwhile; see `cavra status`"};
        };
      });
}

Result<ArchiveOutcome> ActRun::carry_out(const ActPlan& shown, const Signer& receipt_key) {
  CAVRA_TRY(ActPlan planned, plan());
  if (!planned.is_same_as(shown))
    return Error{
        ErrorCode::conflict,
        "somebody acted on this archive since it was shown; nothing was changed: look at it "
        "again"};
  CAVRA_CHECK(change_objects());
  const bool has_changed = tally_.raised + tally_.cleared > 0;
  CAVRA_CHECK(change_receipts());
  CAVRA_CHECK(check_nobody_came_between());
  for (std::string& note : planned.notes)
    notes_.add(std::move(note));
  // Somebody else's reason to hold is worth a receipt.
  const bool is_new_reason = act_.kind == ActKind::set_hold &&
                             std::ranges::find(planned.holds, act_.reason) == planned.holds.end();
  const bool is_kept = planned.is_done() && !has_changed && !is_new_reason;
  CAVRA_TRY(ArchiveOutcome done, is_kept && chain_.find(newest_sha256_) != nullptr
                                     ? keep_newest()
                                     : make_receipt(receipt_key));
  CAVRA_CHECK(check_still_so());
  return done;
}

}  // namespace

}  // namespace engine

Result<ActPlan> plan_act(const CheckedReceipt& receipt, const LaterAct& act, StorageBackend& prover,
                         const ArchiveOptions& options) {
  return engine::ActRun(receipt, act, prover, prover, options).plan();
}

Result<ArchiveOutcome> carry_out(const CheckedReceipt& receipt, const LaterAct& act,
                                 const ActPlan& shown, StorageBackend& writer,
                                 StorageBackend& prover, const Signer& receipt_key,
                                 const ArchiveOptions& options) {
  auto done = engine::ActRun(receipt, act, writer, prover, options).carry_out(shown, receipt_key);
  if (!done && options.is_cancelled && options.is_cancelled())
    return Error{ErrorCode::cancelled, "cancelled: " + done.error().message};
  return done;
}

}  // namespace cavra
