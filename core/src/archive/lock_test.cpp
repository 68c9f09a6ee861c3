#include "cavra/lock_test.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "archive/inquiry.hpp"
#include "archive/object_archiver.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra {

namespace {

using engine::Answer;
using engine::Doubt;

constexpr std::string_view kBytes =
    "cavra store probe --destructive-test: here to try whether this store's locks hold\n";

struct KnownAct {
  Attempt act;
  const char* word;
  const char* code;  // of the finding
};
constexpr std::array kActs{KnownAct{Attempt::remove, "delete", "probe.delete"},
                           KnownAct{Attempt::overwrite, "overwrite", "probe.overwrite"},
                           KnownAct{Attempt::shorten, "shorten", "probe.shorten"},
                           KnownAct{Attempt::clear, "clear", "probe.clear"}};

// Nothing of it can change while it is sent, so there is nothing to hash.
class TextSource final : public ObjectSource {
 public:
  explicit TextSource(std::string_view text) : bytes_(as_bytes(text)) {}
  [[nodiscard]] std::uint64_t length() const override { return bytes_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) override {
    const auto from = bytes_.subspan(std::min<std::size_t>(offset, bytes_.size()));
    const auto part = from.first(std::min(from.size(), buffer.size()));
    std::ranges::copy(part, buffer.begin());
    return part.size();
  }
  Result<void> finish() override { return {}; }

 private:
  std::span<const std::byte> bytes_;
};

class LockTest {
 public:
  LockTest(const std::string& key, StorageBackend& writer, StorageBackend& prover,
           const LockTestOptions& options)
      : writer_(writer),
        prover_(prover),
        options_(options),
        limits_{options.call_timeout, options.is_cancelled} {
    report_.key = key;
  }

  LockTestReport run() && {
    if (auto done = put_and_try(); !done) report_.failure = std::move(done).error();
    if (is_cancelled())
      report_.failure = {ErrorCode::cancelled,
                         report_.failure ? report_.failure->message : "interrupted"};
    return std::move(report_);
  }

 private:
  [[nodiscard]] Result<void> put_and_try() {
    CAVRA_CHECK(put());
    return try_all();
  }
  [[nodiscard]] bool is_cancelled() const {
    return options_.is_cancelled && options_.is_cancelled();
  }
  [[nodiscard]] Result<void> put();
  [[nodiscard]] Result<void> try_all();
  [[nodiscard]] AttemptReport try_one(StorageSession& session, const KnownAct& act);
  [[nodiscard]] AttemptReport judge(const KnownAct& act, const Result<AttemptOutcome>& said,
                                    const Result<Answer>& after);
  [[nodiscard]] Result<Answer> ask();
  [[nodiscard]] static std::optional<bool> listed_as_latest(StorageSession& session,
                                                            const CallContext& call,
                                                            const engine::WantedObject& wanted);
  [[nodiscard]] bool is_over() const;

  StorageBackend& writer_;
  StorageBackend& prover_;
  const LockTestOptions& options_;
  const engine::CallLimits limits_;
  const HasherFactory hasher_ = make_sha256;
  // The bytes are read back each time: a digest that the store has may be that of better days.
  const engine::DigestQuestion question_{&hasher_, false, nullptr};
  Timestamp put_at_;
  engine::WantedObject wanted_;  // the object as it was proven
  std::optional<bool> was_latest_ = true;
  std::string why_not_;  // the next attempts would show nothing; empty: they would
  LockTestReport report_;
};

Result<void> LockTest::put() {
  put_at_ = options_.clock();
  report_.asked = {writer_.describe().mode, ceil_to_second(put_at_) + kLockTestSeconds, false};
  engine::PendingObject object;
  object.request = {.key = report_.key,
                    .length = kBytes.size(),
                    .sha256 = sha256(kBytes),
                    .media_type = "text/plain",
                    .metadata_json = "{}",
                    .lock = report_.asked};
  object.source = std::make_unique<TextSource>(kBytes);
  const ArchiveOptions nothing_to_tell;
  engine::ArchiveTally tally(nothing_to_tell);
  engine::ObjectArchiver archiver(writer_, prover_, limits_, question_, tally);
  report_.may_be_there = true;
  CAVRA_CHECK(archiver.archive({&object, 1}));
  if (tally.created != 1)
    return Error{ErrorCode::unproven, quoted(report_.key) +
                                          ": the store says that it had this object already, and "
                                          "its name was made up just now"};
  if (writer_.describe().identity != prover_.describe().identity)
    return Error{ErrorCode::unproven,
                 "it was put into the store " + quoted(writer_.describe().identity) +
                     " and asked for in " + quoted(prover_.describe().identity)};
  // What the store made of the lock is what must hold, where it is longer than asked for.
  wanted_ = {.key = report_.key,
             .version = object.shown.version,
             .sha256 = object.request.sha256,
             .bytes = kBytes.size(),
             .lock = object.shown.lock,
             .stored_at_unix_s = object.shown.stored_at_unix_s};
  was_latest_ = object.shown.is_latest;
  report_.lock = object.shown.lock;
  report_.is_as_put = true;
  return {};
}

Result<void> LockTest::try_all() {
  CAVRA_TRY(const auto session, writer_.session());
  for (const KnownAct& act : kActs) {
    if (why_not_.empty() && is_cancelled()) why_not_ = "interrupted";
    if (why_not_.empty() && is_over()) why_not_ = "the lock was over by then; try again";
    AttemptReport report{act.act, AttemptVerdict::not_shown, "not tried: " + why_not_};
    if (why_not_.empty()) report = try_one(*session, act);
    if (report.verdict == AttemptVerdict::succeeded)
      report_.findings.push_back(
          {act.code, report_.key,
           std::string(act.word) + " " + report.reason + "; do not rely on this store's locks"});
    report_.attempts.push_back(std::move(report));
  }
  return {};
}

AttemptReport LockTest::try_one(StorageSession& session, const KnownAct& act) {
  const auto said = session.attempt(limits_.context(), act.act, wanted_.key, wanted_.version);
  return judge(act, said, ask());
}

// A session that has seen the object might tell what it remembers: each question has a new one.
Result<Answer> LockTest::ask() {
  CAVRA_TRY(const auto session, prover_.session());
  CAVRA_TRY(engine::FullAnswer all,
            engine::ask_all(*session, limits_.context(), wanted_, question_));
  Answer answer = std::move(all).most_serious();
  if (answer.doubt == Doubt::none && !answer.info.is_latest)
    answer.info.is_latest = listed_as_latest(*session, limits_.context(), wanted_);
  return answer;
}

// For where the store's answer leaves it open. Empty where the version is not listed, or nothing
// is.
std::optional<bool> LockTest::listed_as_latest(StorageSession& session, const CallContext& call,
                                               const engine::WantedObject& wanted) {
  std::optional<bool> is_latest;
  const auto listed = session.list(call, wanted.key, [&](const ListEntry& entry) -> Result<void> {
    if (entry.kind == ListEntry::Kind::object && entry.key == wanted.key &&
        entry.version == wanted.version)
      is_latest = entry.is_latest;
    return {};
  });
  return listed ? is_latest : std::nullopt;
}

// Whether the lock may have run out, by this clock or by the store's, as far as its time of the
// object tells it: what goes through then shows nothing.
bool LockTest::is_over() const {
  std::int64_t now = options_.clock().unix_s;
  if (wanted_.stored_at_unix_s)
    now = std::max(now, *wanted_.stored_at_unix_s + (now - put_at_.unix_s));
  return now >= wanted_.lock.retain_until_unix_s.value_or(0);
}

AttemptReport LockTest::judge(const KnownAct& act, const Result<AttemptOutcome>& said,
                              const Result<Answer>& after) {
  const auto found = [&](AttemptVerdict verdict, std::string reason) {
    return AttemptReport{act.act, verdict, std::move(reason)};
  };
  const bool says_succeeded = said && *said == AttemptOutcome::succeeded;
  const bool is_changed = after && after->doubt != Doubt::none;
  if (!after) why_not_ = "the object could not be asked for after the attempt before";
  if (is_changed) report_.is_as_put = false;
  if (is_changed) why_not_ = "the object is not what was put any more";
  if (says_succeeded || is_changed) {
    if (is_over())
      return found(AttemptVerdict::not_shown,
                   "went through, and the lock was over by then; try again");
    std::string reason = "went through: ";
    reason += is_changed ? printable(after->problem) : "its plugin says so";
    if (said && !says_succeeded) reason += ", though its plugin says that it was refused";
    return found(AttemptVerdict::succeeded, std::move(reason));
  }
  if (!after && is_cancelled()) return found(AttemptVerdict::not_shown, why_not_ = "interrupted");
  if (!after)
    return found(AttemptVerdict::not_shown,
                 "the store could not be asked afterwards: " + printable(after.error().message));
  if (!said)
    return found(AttemptVerdict::not_shown,
                 "it could not be tried: " + printable(said.error().message));
  if (*said == AttemptOutcome::refused_by_rights)
    return found(AttemptVerdict::not_shown,
                 "refused for want of a right, which shows nothing of the lock");
  std::string reason = "refused because of the lock, and the object is as it was";
  // Nothing lay above a key that was made up just now, unless the store said so.
  if (was_latest_ != false && after->info.is_latest == false)
    reason += ", below another version or a delete marker";
  return found(AttemptVerdict::held, std::move(reason));
}

}  // namespace

const char* to_string(Attempt act) noexcept {
  for (const KnownAct& each : kActs)
    if (each.act == act) return each.word;
  return "unknown";
}

const char* to_string(AttemptVerdict verdict) noexcept {
  switch (verdict) {
    case AttemptVerdict::held:
      return "held";
    case AttemptVerdict::not_shown:
      return "not_shown";
    case AttemptVerdict::succeeded:
      return "succeeded";
  }
  return "unknown";
}

Result<void> check_lock_test(StorageBackend& store) {
  const StoreDescription& description = store.describe();
  CAVRA_TRY(const auto session, store.session());
  if (!session->has_destructive_test())
    return Error{ErrorCode::unsupported,
                 "the plugin " + description.plugin_id +
                     " offers no destructive test, so what its locks hold against cannot be shown"};
  if (description.mode == LockMode::none)
    return Error{ErrorCode::refused, "the store's mode is none: there is no lock to try"};
  return {};
}

Result<std::string> lock_test_key(const StoreDescription& store) {
  std::array<std::byte, 16> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return os_error("get random numbers", errno);
  return (store.key_prefix.empty() ? "" : store.key_prefix + "/") + "cavra-probe/" + to_hex(random);
}

LockTestReport test_lock(const std::string& key, StorageBackend& writer, StorageBackend& prover,
                         const LockTestOptions& options) {
  return LockTest(key, writer, prover, options).run();
}

}  // namespace cavra
