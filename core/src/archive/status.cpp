#include "cavra/status.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <tuple>
#include <utility>

#include "archive/crew.hpp"
#include "archive/inquiry.hpp"
#include "archive/notes.hpp"
#include "archive/receipt_chain.hpp"
#include "archive/store_match.hpp"
#include "archive/unknown_objects.hpp"
#include "cavra/archive.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

namespace engine {

namespace {

Finding hidden(const std::string& key) {
  return {"store.hidden", key,
          "another version or a delete marker lies above it; the archived version is asked for by "
          "its version"};
}

// Gathers what the store answers. Any thread.
class StatusTally {
 public:
  explicit StatusTally(const StatusOptions& options) : options_(options) {}

  void add_bytes(std::uint64_t bytes) {
    const std::uint64_t sum = read_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (options_.on_progress) options_.on_progress(sum);
  }

  void add(Finding finding) {
    const std::lock_guard guard(mutex_);
    report_.findings.push_back(std::move(finding));
  }

  void add(const WantedObject& wanted, const Answer& answer) {
    const std::lock_guard guard(mutex_);
    if (answer.doubt != Doubt::none)
      report_.findings.push_back({code_of(answer.doubt), wanted.key, answer.problem});
    if (answer.doubt == Doubt::missing || answer.doubt == Doubt::version) return;
    if (answer.info.is_latest == false) report_.findings.push_back(hidden(wanted.key));
    if (!wanted.is_receipt) {
      ++report_.objects;
      report_.bytes += answer.info.length;
    }
    ++asked_;
    held_ += answer.info.lock.legal_hold ? 1 : 0;
    if (!weakest_ || answer.info.lock.mode < *weakest_) weakest_ = answer.info.lock.mode;
    const auto date = answer.info.lock.retain_until_unix_s;
    if (!date) has_undated_ = true;
    if (date && (!report_.retain_until_unix_s || *date < *report_.retain_until_unix_s))
      report_.retain_until_unix_s = date;
    if (date && (!latest_ || *date > *latest_)) latest_ = date;
  }

  // A hold that no receipt speaks of: of an act that was ended before its own, or somebody else's.
  void tell_unreceipted_hold(const std::string& archive_prefix) {
    if (held_ == 0) return;
    const std::string how_many =
        held_ == asked_ ? "it is"
                        : std::to_string(held_) + " of " + std::to_string(asked_) + " are";
    add({"store.hold", archive_prefix,
         how_many +
             " under a legal hold that no receipt speaks of; `cavra hold set` or `hold clear` "
             "makes it whole, with a receipt"});
  }

  StatusReport take() {
    if (has_undated_) report_.retain_until_unix_s.reset();
    report_.mode = weakest_.value_or(LockMode::none);
    report_.legal_hold = held_ > 0;
    report_.is_due = latest_ && Timestamp{*latest_, 0} <= options_.now && !report_.legal_hold;
    std::ranges::sort(report_.findings, [](const Finding& a, const Finding& b) {
      return std::tie(a.place, a.code, a.message) < std::tie(b.place, b.code, b.message);
    });
    return std::move(report_);
  }

 private:
  const StatusOptions& options_;
  std::atomic<std::uint64_t> read_ = 0;
  std::mutex mutex_;
  StatusReport report_;
  bool has_undated_ = false;  // an object without a date
  std::size_t asked_ = 0;
  std::size_t held_ = 0;
  std::optional<LockMode> weakest_;
  std::optional<std::int64_t> latest_;
};

class StatusRun {
 public:
  StatusRun(const CheckedReceipt& checked, StorageBackend& store, const StatusOptions& options)
      : checked_(checked), store_(store), options_(options), tally_(options) {}

  Result<StatusReport> run() {
    CAVRA_CHECK(check_same_store(checked_.receipt, store_.describe()));
    CAVRA_CHECK(read_chain());
    CAVRA_CHECK(ask_objects());
    CAVRA_CHECK(list());
    if (!is_hold_promised_) tally_.tell_unreceipted_hold(checked_.receipt.archive_prefix);
    StatusReport report = tally_.take();
    report.later = std::move(later_);
    report.hold_was_cleared = hold_was_cleared_ && checked_.receipt.lock.legal_hold;
    report.notes = notes_.take();
    return report;
  }

 private:
  // What came after this receipt, and whether what came before it is there.
  [[nodiscard]] Result<void> read_chain();
  // The receipt's objects, and after them the receipt.
  [[nodiscard]] WantedObject wanted_at(std::size_t index) const;
  // A recorded lock, without a hold that was cleared since.
  [[nodiscard]] Lock lock_now(Lock recorded) const {
    if (hold_was_cleared_) recorded.legal_hold = false;
    return recorded;
  }
  [[nodiscard]] Result<void> ask_objects();
  [[nodiscard]] Result<void> ask(StorageSession& session, const CallLimits& limits,
                                 std::size_t index);
  // Where the store's answer leaves open whether something lies above, the listing tells.
  void leave_to_listing(std::size_t index, Answer& answer);
  [[nodiscard]] Result<void> list();

  const CheckedReceipt& checked_;
  StorageBackend& store_;
  const StatusOptions& options_;
  StatusTally tally_;
  Notes notes_;
  std::string version_;                           // of the receipt in the store; empty: not known
  std::optional<bool> is_latest_;                 // the same, as it is listed
  std::vector<std::uint8_t> is_left_to_listing_;  // by index of the receipt's objects
  std::vector<std::string> later_;
  bool hold_was_cleared_ = false;
  bool is_hold_promised_ = true;  // where the receipts that follow are not read, nobody knows
};

Result<void> StatusRun::read_chain() {
  if (options_.receipt_roots == nullptr) return {};
  const Receipt& receipt = checked_.receipt;
  const CallLimits limits{options_.call_timeout, options_.is_cancelled};
  CAVRA_TRY(const ReceiptChain chain,
            ReceiptChain::read(store_, receipt.archive_prefix, *options_.receipt_roots, limits,
                               notes_, &checked_));
  for (const std::string& gap : chain.gaps())
    tally_.add({"store.unexpected", receipt.archive_prefix + "receipts/", gap});
  if (chain.known()) {
    version_ = chain.known()->version;
    is_latest_ = chain.known()->is_latest;
  }
  const auto after = chain.after(checked_.sha256);
  for (const ChainLink* head : chain.heads())
    if (std::ranges::find(after, head) != after.end()) later_.push_back(head->place.sha256);
  hold_was_cleared_ = chain.has_cleared_hold_after(checked_.sha256);
  is_hold_promised_ = chain.is_held() || (receipt.lock.legal_hold && !hold_was_cleared_);
  for (const std::string& sha256 : receipt.act.previous)
    if (!chain.has_name(sha256))
      tally_.add({"store.missing", receipt.receipt_key(sha256),
                  "the receipt follows this one, and the store does not have it"});
  return {};
}

WantedObject StatusRun::wanted_at(std::size_t index) const {
  const Receipt& receipt = checked_.receipt;
  if (index == receipt.objects.size()) {
    WantedObject itself;
    itself.key = receipt.receipt_key(checked_.sha256);
    itself.is_receipt = true;
    itself.version = version_;
    itself.is_any_version = version_.empty();
    if (const auto digest = Digest::from_hex(checked_.sha256)) itself.sha256 = *digest;
    itself.bytes = checked_.bytes;
    itself.lock = lock_now(receipt.lock);
    return itself;
  }
  const ProvenObject& object = receipt.objects[index];
  return {.key = receipt.member_key(object.member),
          .version = object.version,
          .sha256 = object.sha256,
          .bytes = object.bytes,
          .lock = lock_now(object.lock),
          .stored_at_unix_s = object.stored_at_unix_s};
}

void StatusRun::leave_to_listing(std::size_t index, Answer& answer) {
  const bool is_there = answer.doubt != Doubt::missing && answer.doubt != Doubt::version;
  if (!is_there || answer.info.is_latest) return;
  if (index < is_left_to_listing_.size()) {
    is_left_to_listing_[index] = 1;
  } else {
    answer.info.is_latest = is_latest_;
  }
}

Result<void> StatusRun::ask(StorageSession& session, const CallLimits& limits, std::size_t index) {
  const WantedObject wanted = wanted_at(index);
  const DigestQuestion question{&options_.hasher, false,
                                [this](std::uint64_t bytes) { tally_.add_bytes(bytes); }};
  CAVRA_TRY(FullAnswer all, ask_all(session, limits.context(wanted.bytes), wanted, question));
  leave_to_listing(index, all.state);
  if (all.state.doubt == Doubt::incomplete)
    all.state.problem = "it is not locked any more, and the receipt shows that it was";
  tally_.add(wanted, all.state);
  if (!all.other_bytes.empty())
    tally_.add({code_of(Doubt::digest), wanted.key, std::move(all.other_bytes)});
  return {};
}

Result<void> StatusRun::ask_objects() {
  is_left_to_listing_.resize(checked_.receipt.objects.size());
  const std::size_t workers = worker_count(options_.workers, store_.describe());
  return run_crew(checked_.receipt.objects.size() + 1, workers, options_.is_cancelled,
                  [this](const StopFlag& is_stopped) -> Job {
                    auto session = std::make_shared<LazySession>(store_);
                    const CallLimits limits{options_.call_timeout, is_stopped};
                    return [this, session, limits](std::size_t index) -> Result<void> {
                      CAVRA_TRY(StorageSession* const open, session->get());
                      return ask(*open, limits, index);
                    };
                  });
}

// What lies below bundle/ and the receipt does not speak of, or above what it speaks of.
Result<void> StatusRun::list() {
  const std::string prefix = checked_.receipt.bundle_prefix();
  const auto& objects = checked_.receipt.objects;
  const MemberNames known(objects.size(), [&objects](std::size_t index) {
    return std::string_view(objects[index].member);
  });
  const ListedTeller tell{
      .unknown =
          [this](const std::string& key) {
            tally_.add({"store.unexpected", key, "it is in the store and not in the receipt"});
          },
      .hidden =
          [this, &objects](std::size_t index, const std::string& version) {
            if (is_left_to_listing_[index] != 0 && objects[index].version == version)
              tally_.add(hidden(checked_.receipt.member_key(objects[index].member)));
          }};
  auto listed = tell_unknown_objects(store_, {options_.call_timeout, options_.is_cancelled}, prefix,
                                     known, tell);
  if (!listed) return at_key("list", prefix, std::move(listed).error());
  return {};
}

}  // namespace

}  // namespace engine

Result<StatusReport> status(const CheckedReceipt& receipt, StorageBackend& store,
                            const StatusOptions& options) {
  return engine::StatusRun(receipt, store, options).run();
}

}  // namespace cavra
