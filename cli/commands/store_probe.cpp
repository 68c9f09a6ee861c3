#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../confirm.hpp"
#include "../known_store.hpp"
#include "../output/exit_code.hpp"
#include "../session.hpp"
#include "../signals.hpp"
#include "cavra/lock_test.hpp"
#include "cavra/plan.hpp"
#include "cavra/probe.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

using Verdict = ProbeItem::Verdict;

// "1 day", "90 s": in the largest unit that leaves nothing over.
std::string period_words(std::int64_t seconds) {
  struct Unit {
    std::int64_t seconds;
    const char* one;
    const char* many;
  };
  constexpr std::array units{Unit{86400, "day", "days"}, Unit{3600, "hour", "hours"}};
  for (const Unit& unit : units)
    if (seconds % unit.seconds == 0)
      return counted(static_cast<std::uint64_t>(seconds / unit.seconds), unit.one, unit.many);
  return std::to_string(seconds) + " s";
}

// The words first, below each other as those of `store describe`.
void say_row(Output& output, std::string word, std::string_view text) {
  word.resize(std::max<std::size_t>(word.size() + 1, 11), ' ');
  output.say(word.append(text));
}

// "delete, clear"; empty where no attempt came to that.
std::string acts_with(const LockTestReport& report, AttemptVerdict verdict) {
  std::string acts;
  for (const AttemptReport& each : report.attempts)
    if (each.verdict == verdict)
      acts += (acts.empty() ? "" : ", ") + std::string(to_string(each.act));
  return acts;
}

JsonValue items_json(std::span<const ProbeItem> items) {
  JsonValue list = JsonValue::array();
  for (const ProbeItem& item : items)
    list.push_back(JsonValue::object({{"verdict", to_string(item.verdict)},
                                      {"name", item.name},
                                      {"message", item.message},
                                      {"least_retention_s", item.least_retention_s}}));
  return list;
}

JsonValue lock_test_json(const LockTestReport& report) {
  JsonValue attempts = JsonValue::array();
  for (const AttemptReport& each : report.attempts)
    attempts.push_back(JsonValue::object({{"act", to_string(each.act)},
                                          {"verdict", to_string(each.verdict)},
                                          {"reason", each.reason}}));
  return JsonValue::object({{"key", report.key},
                            {"asked_lock", report.asked.to_json()},
                            {"may_be_there", report.may_be_there},
                            {"lock", report.lock ? report.lock->to_json() : JsonValue()},
                            {"is_as_put", report.is_as_put},
                            {"attempts", std::move(attempts)},
                            {"findings", findings_json(report.findings)}});
}

// One store and what is to be said of it.
class ProbeRun {
 public:
  ProbeRun(const Arguments& arguments, Session& session)
      : arguments_(arguments),
        session_(session),
        output_(session.output()),
        name_(arguments.positional(0)),
        is_test_(arguments.flag("destructive-test")) {}

  int run() {
    if (arguments_.flag("yes") && !is_test_)
      return output_.fail({ErrorCode::usage, "--yes answers for --destructive-test alone"});
    if (auto asked = ask(); !asked) return output_.fail(asked.error());
    const std::vector<Error> obstacles = why_no_archive();
    say_items(obstacles.empty());
    int exit = kExitDone;
    for (const Error& obstacle : obstacles)
      exit = most_serious(exit, output_.fail(obstacle));
    if (exit == kExitDone && is_test_) exit = test();
    output_.set_result(
        JsonValue::object({{"name", name_},
                           {"items", items_json(items_)},
                           {"ready", obstacles.empty()},
                           {"least_retention_s", least_retention_s(items_)},
                           {"lock_test", lock_test_ ? std::move(*lock_test_) : JsonValue()}}));
    return exit;
  }

 private:
  [[nodiscard]] Result<void> ask();
  [[nodiscard]] std::vector<Error> why_no_archive() const;
  void say_items(bool is_ready);
  [[nodiscard]] int test();
  void say_what_stays(const std::string& key);
  void remember();
  [[nodiscard]] int say_report(const LockTestReport& report);
  void say_verdict(const LockTestReport& report);
  void say_left(const LockTestReport& report);

  [[nodiscard]] Error told(const Error& error) const {
    return {error.code, "store " + name_ + ": " + error.message, error.retryable};
  }

  const Arguments& arguments_;
  Session& session_;
  Output& output_;
  const std::string name_;
  const bool is_test_;
  const Config* config_ = nullptr;
  std::unique_ptr<StorageBackend> store_;
  Result<void> is_known_;  // as KnownStore::check()
  std::vector<ProbeItem> items_;
  std::optional<JsonValue> lock_test_;
};

Result<void> ProbeRun::ask() {
  CAVRA_TRY(config_, session_.config());
  CAVRA_TRY(const KnownStore known, KnownStore::read(*config_, name_));
  CAVRA_TRY(store_, open_store(session_, *config_, name_, 1));
  is_known_ = known.check(store_->describe());
  // Said at once: nobody wants to answer a question for nothing.
  if (is_test_) CAVRA_CHECK(check_lock_test(*store_));
  const CallContext call{std::chrono::steady_clock::now() + LockTestOptions{}.call_timeout,
                         is_interrupted};
  CAVRA_TRY(items_, ask_probe(*store_, call));
  return {};
}

// What an archive would be refused for here, whatever the bundle.
std::vector<Error> ProbeRun::why_no_archive() const {
  const StoreDescription& store = store_->describe();
  std::vector<Error> reasons;
  if (!is_known_) reasons.push_back(told(is_known_.error()));
  StorePlan plan;
  plan.store = name_;
  plan.lock.mode = store.mode;
  if (config_->minimum_mode)
    if (const auto strong = check_minimum_mode(plan, *config_->minimum_mode); !strong)
      reasons.push_back(strong.error());
  if (const auto complete = check_probe(items_, name_); !complete)
    reasons.push_back(complete.error());
  return reasons;
}

void ProbeRun::say_items(bool is_ready) {
  say_row(output_, "store", name_ + " (" + printable(store_->describe().location) + ")");
  for (const ProbeItem& item : items_)
    say_row(
        output_, to_string(item.verdict),
        printable(item.name) + (item.message.empty() ? "" : ": " + printable(item.message, 5000)));
  if (const std::int64_t least = least_retention_s(items_); least > 0)
    say_row(output_, "rule", "the store locks each new object for at least " + period_words(least));
  const auto also = [&](Verdict verdict, const char* words) {
    const std::size_t count = count_of(items_, verdict);
    return count == 0 ? std::string() : ", " + std::to_string(count) + words;
  };
  const std::size_t missing = count_of(items_, Verdict::missing);
  const std::string word = is_ready ? "can be put here" : "are refused";
  say_row(output_, "archives",
          word + ": " + (missing == 0 ? "nothing" : std::to_string(missing)) + " missing" +
              also(Verdict::excess, " in excess") + also(Verdict::unknown, " not found out"));
}

void ProbeRun::say_what_stays(const std::string& key) {
  const auto say = [this](std::string_view line) { say_before_asking(arguments_, output_, line); };
  const StoreDescription& store = store_->describe();
  const std::int64_t least = least_retention_s(items_);
  const std::int64_t lasts = std::max(kLockTestSeconds, least);
  const auto now = ceil_to_second(now_utc());
  say("store " + name_ + " (" + printable(store.location) +
      (store.identity.empty() ? ", a new store" : "") + "): one small object is put, locked " +
      to_string(store.mode) + " for " + period_words(kLockTestSeconds) +
      ", and then it is tried to delete, overwrite, shorten and clear");
  if (least > kLockTestSeconds)
    say("  the store's own rule locks it for longer: at least " + period_words(least));
  say("  it stays: " + quoted(key) + ", locked until " + format_utc({now + lasts, 0}) +
      " if it is put now");
  say("  this program has no delete: from then on whoever may delete in this store can "
      "remove it; before that: " +
      printable(store.strength));
  if (store.mode < LockMode::governance) say("  " + std::string(strength_of(store.mode)));
}

int ProbeRun::test() {
  const auto key = lock_test_key(store_->describe());
  if (!key) return output_.fail(key.error());
  const auto prover = open_store(session_, *config_, name_, 1);
  if (!prover) return output_.fail(told(prover.error()));
  say_what_stays(*key);
  if (const auto yes = confirm(arguments_, output_, "Put it and try?", "nothing was stored"); !yes)
    return output_.fail(told(yes.error()));
  LockTestOptions options;
  options.is_cancelled = is_interrupted;
  const LockTestReport report = test_lock(*key, *store_, **prover, options);
  lock_test_ = lock_test_json(report);
  if (report.lock) remember();
  return say_report(report);
}

// As an archive does: from now on something lies there.
void ProbeRun::remember() {
  const auto noted = remember_store(*config_, name_, store_->describe().identity);
  if (!noted)
    output_.note("note: the store's identity could not be noted: " + noted.error().message);
}

// What is in the store now, and stays.
std::string left_words(const LockTestReport& report) {
  if (!report.lock) return quoted(report.key) + " may be there; what lock it has is not shown";
  if (!report.is_as_put) return quoted(report.key) + ", if at all: it is not what was put any more";
  return quoted(report.key) + ", " + describe(*report.lock);
}

void ProbeRun::say_left(const LockTestReport& report) {
  if (!report.may_be_there) return;
  say_row(output_, "left", left_words(report));
  if (report.lock && report.lock->retain_until_unix_s > report.asked.retain_until_unix_s)
    say_row(output_, "",
            "the store locked it for longer than asked, which was until " +
                format_utc({*report.asked.retain_until_unix_s, 0}));
}

void ProbeRun::say_verdict(const LockTestReport& report) {
  constexpr std::array<std::pair<AttemptVerdict, const char*>, 3> kinds{
      {{AttemptVerdict::succeeded, "DOES NOT HOLD against "},
       {AttemptVerdict::held, "held against "},
       {AttemptVerdict::not_shown, "not shown to hold against "}}};
  std::string text;
  for (const auto& [verdict, words] : kinds)
    if (const std::string acts = acts_with(report, verdict); !acts.empty())
      text += (text.empty() ? "" : "; ") + (words + acts);
  if (!text.empty()) say_row(output_, "lock", text);
}

int ProbeRun::say_report(const LockTestReport& report) {
  for (const AttemptReport& each : report.attempts) {
    std::string word = to_string(each.verdict);
    std::ranges::replace(word, '_', ' ');
    say_row(output_, word, std::string(to_string(each.act)) + ": " + each.reason);
  }
  say_verdict(report);
  say_left(report);
  const int found = report.findings.empty() ? kExitDone : kExitFindings;
  if (report.failure) {
    Error failure = *report.failure;
    if (failure.code == ErrorCode::cancelled)
      failure.message = "interrupted; it left " + left_words(report);
    return most_serious(found, output_.fail(told(failure)));
  }
  const std::string not_shown = acts_with(report, AttemptVerdict::not_shown);
  if (not_shown.empty() || found != kExitDone) return found;
  return output_.fail(
      told({ErrorCode::unproven, "its lock was not shown to hold against " + not_shown +
                                     ": see what each was refused for, mend that, and try again"}));
}

}  // namespace

Command store_probe_command() {
  Command command;
  command.name = "store probe";
  command.arguments = "NAME";
  command.least_positional = command.most_positional = 1;
  command.summary = "Tell whether a store can take archives now, and try whether its lock holds";
  command.details =
      "Tells rights and WORM state as they are, and leaves nothing behind. With\n"
      "--destructive-test one small object is put, locked for 60 s, and it is tried to delete,\n"
      "overwrite, shorten and clear it: each must fail. That object stays; what it is and until\n"
      "when is told before it is asked. A refusal for want of a right shows nothing.";
  command.options = {
      {"destructive-test", Option::Kind::flag, "",
       "Put one object under the store's lock, and try to break that", ""},
      {"yes", Option::Kind::flag, "", "Do not ask before --destructive-test", ""},
  };
  command.examples =
      "  cavra store probe local\n"
      "  cavra store probe local --destructive-test --yes\n";
  command.run = [](const Arguments& arguments, Session& session) {
    return ProbeRun(arguments, session).run();
  };
  return command;
}

}  // namespace cavra::cli
