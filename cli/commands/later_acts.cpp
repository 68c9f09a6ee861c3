// retain, hold set, hold clear: what changes the lock of an archive, each with a receipt.
#include "cavra/later_act.hpp"

#include <algorithm>

#include "../act_turn.hpp"
#include "../confirm.hpp"
#include "../known_store.hpp"
#include "../output/exit_code.hpp"
#include "../output/progress.hpp"
#include "../receipt_key.hpp"
#include "../report_json.hpp"
#include "../signals.hpp"
#include "../stored_receipt.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

// What differs between the three.
struct ActWords {
  ActKind kind;
  std::string_view question;
  std::string_view done;
  std::string_view done_already;
};
constexpr ActWords kRetain{ActKind::retain, "Keep it until then?", "kept longer",
                           "kept so already"};
constexpr ActWords kSetHold{ActKind::set_hold, "Set the hold?", "hold set", "held already"};
constexpr ActWords kClearHold{ActKind::clear_hold, "Clear the hold?", "hold cleared",
                              "no hold stands"};

Result<LaterAct> asked_act(const Arguments& arguments, ActKind kind) {
  LaterAct act;
  act.kind = kind;
  act.now = now_utc();
  act.reason = arguments.text("reason");
  if (kind != ActKind::retain && act.reason.empty())
    return Error{ErrorCode::usage, "--reason TEXT is missing: it goes into the receipt"};
  if (kind != ActKind::retain) return act;
  if (!arguments.has("until"))
    return Error{ErrorCode::usage, "--until TIME is missing, such as 2036-05-21T00:00:00Z"};
  CAVRA_TRY(const OffsetTimestamp until, parse_rfc3339(arguments.text("until")));
  act.retain_until_unix_s = ceil_to_second(until.at);
  return act;
}

// The way of one act through the program.
class ActCommand {
 public:
  ActCommand(const Arguments& arguments, Session& session, const ActWords& words)
      : arguments_(arguments), session_(session), output_(session.output()), words_(words) {}

  int run() {
    if (const auto ready = prepare(); !ready) return output_.fail(ready.error());
    output_.list_findings(stored_->checked.findings);
    const auto turn = ActTurn::take(*config_, stored_->checked.receipt.archive_prefix);
    if (!turn) return fail(turn.error(), turn.error().message);
    const auto plan = plan_act(stored_->checked, act_, *prover_, options_);
    if (!plan) return fail(plan.error(), "interrupted; nothing was changed");
    say_plan(*plan);
    // Nothing is asked where the receipts promise it already: it is proven, and told.
    if (!plan->is_done() || act_.kind == ActKind::clear_hold)
      if (const auto yes = confirm(arguments_, output_, words_.question, "nothing was changed");
          !yes)
        return output_.fail(yes.error());
    act_.now = now_utc();  // a question may wait for long
    const auto outcome = carry_out(*plan);
    if (!outcome)
      return fail(outcome.error(),
                  "interrupted; there is no receipt, and the same words again "
                  "complete what was begun");
    say_outcome(*outcome);
    output_.set_result(later_act_json(*stored_, words_.kind, *plan, *outcome));
    return stored_->checked.findings.empty() ? kExitDone : kExitFindings;
  }

 private:
  Result<void> prepare() {
    CAVRA_TRY(config_, session_.config());
    CAVRA_TRY(act_, asked_act(arguments_, words_.kind));
    CAVRA_TRY(key_, load_receipt_key(*config_));
    CAVRA_TRY(stored_, read_stored_receipt(arguments_.positional(0), arguments_, session_));
    CAVRA_CHECK(check_receipts_folder(*config_));
    store_ = arguments_.has("store") ? arguments_.text("store") : stored_->checked.receipt.store;
    CAVRA_TRY(const KnownStore known, KnownStore::read(*config_, store_));
    CAVRA_TRY(writer_, open_receipt_store(stored_->checked.receipt, arguments_, session_));
    CAVRA_TRY(prover_, open_receipt_store(stored_->checked.receipt, arguments_, session_));
    CAVRA_CHECK(known.check(prover_->describe()));
    options_.reference = arguments_.text("reference");
    options_.folders = receipt_folders(*config_);
    options_.receipt_roots = key_.roots.get();
    options_.is_cancelled = is_interrupted;
    return {};
  }

  void say_plan(const ActPlan& plan) {
    const auto say = [this](std::string_view line) {
      say_before_asking(arguments_, output_, line);
    };
    const Receipt& receipt = stored_->checked.receipt;
    say("session " + printable(receipt.session_id) + " in store " + store_ + ": " +
        counted(receipt.objects.size(), "object", "objects") + ", " + describe(plan.before));
    if (plan.newest != stored_->checked.sha256)
      say("  going on from its newest receipt, " + plan.newest);
    for (const std::string& note : plan.notes)
      say("note: " + note);
    for (const std::string& reason : plan.holds)
      say("  held: " + printable(reason));
    if (plan.is_done()) return;
    say("  to be " + describe(plan.after));
    if (act_.kind == ActKind::clear_hold)
      say("  without the hold its retention alone keeps it");
    else if (act_.kind == ActKind::retain)
      say("  this program cannot undo it; " + printable(prover_->describe().strength));
  }

  Result<ArchiveOutcome> carry_out(const ActPlan& shown) {
    Progress progress("asking the store", stored_bytes(), session_.wants_progress());
    ArchiveOptions options = options_;
    options.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
    return cavra::carry_out(stored_->checked, act_, shown, *writer_, *prover_, *key_.signer,
                            options);
  }

  [[nodiscard]] std::uint64_t stored_bytes() const {
    std::uint64_t bytes = 0;
    for (const ProvenObject& object : stored_->checked.receipt.objects)
      bytes += object.bytes;
    return bytes;
  }

  void say_outcome(const ArchiveOutcome& outcome) {
    output_.say(std::string(outcome.is_new ? words_.done : words_.done_already) + " in " + store_ +
                ": " + counted(outcome.objects, "object", "objects") + ", " +
                describe(outcome.receipt.lock));
    output_.say("receipt: " + shown_path(outcome.receipt_file));
    for (const std::string& note : outcome.notes)
      output_.note("note: " + note);
  }

  int fail(const Error& error, const std::string& when_interrupted) {
    const std::string& message =
        error.code == ErrorCode::cancelled ? when_interrupted : error.message;
    return output_.fail({error.code, "store " + store_ + ": " + message, error.retryable});
  }

  const Arguments& arguments_;
  Session& session_;
  Output& output_;
  const ActWords& words_;
  const Config* config_ = nullptr;
  LaterAct act_;
  ReceiptKey key_;
  std::optional<StoredReceipt> stored_;
  std::string store_;
  std::unique_ptr<StorageBackend> writer_;
  std::unique_ptr<StorageBackend> prover_;
  ArchiveOptions options_;
};

std::vector<Option> act_options(bool needs_reason) {
  return {
      {"reason", Option::Kind::value, "TEXT",
       needs_reason ? "Why: goes into the receipt" : "Why: goes into the receipt, if given", ""},
      {"reference", Option::Kind::value, "TEXT",
       "A change record or an audit request, for the receipt (without: as it was)", ""},
      {"store", Option::Kind::value, "NAME",
       "The configured store (without: the one that the receipt names)", ""},
      {"yes", Option::Kind::flag, "", "Answer the question with yes", ""},
  };
}

Command act_command(const char* name, const char* summary, bool needs_reason) {
  Command command;
  command.name = name;
  command.arguments = "RECEIPT";
  command.least_positional = command.most_positional = 1;
  command.summary = summary;
  command.details =
      "RECEIPT is a file, or at least the first 6 lower-case digits of its name in the receipts\n"
      "folder: any receipt of the archive, the act goes on from its newest. Every object is asked\n"
      "for and read back after the act, and a new receipt is signed, which follows the others.";
  command.options = act_options(needs_reason);
  return command;
}

}  // namespace

Command retain_command() {
  Command command =
      act_command("retain", "Keep an archive longer: raise the date of every lock", false);
  command.options.insert(command.options.begin(),
                         {"until", Option::Kind::value, "TIME",
                          "Keep until then (RFC 3339 with zone); never earlier than now kept", ""});
  command.examples =
      "  cavra retain 4f1a09 --until 2036-05-21T00:00:00Z --reason 'audit 2026-31'\n";
  command.run = [](const Arguments& arguments, Session& session) {
    return ActCommand(arguments, session, kRetain).run();
  };
  return command;
}

Command hold_set_command() {
  Command command =
      act_command("hold set", "Put an archive under legal hold, whatever its date", true);
  command.examples = "  cavra hold set 4f1a09 --reason 'case 17'\n";
  command.run = [](const Arguments& arguments, Session& session) {
    return ActCommand(arguments, session, kSetHold).run();
  };
  return command;
}

Command hold_clear_command() {
  Command command =
      act_command("hold clear", "Lift the legal hold of an archive; its date stays", true);
  command.examples = "  cavra hold clear 4f1a09 --reason 'case 17 closed'\n";
  command.run = [](const Arguments& arguments, Session& session) {
    return ActCommand(arguments, session, kClearHold).run();
  };
  return command;
}

}  // namespace cavra::cli
