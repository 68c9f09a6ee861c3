#include "cavra/archive.hpp"

#include "../anchor_options.hpp"
#include "../archive_run.hpp"
#include "../confirm.hpp"
#include "../output/exit_code.hpp"
#include "../output/progress.hpp"
#include "../report_json.hpp"
#include "../retention_options.hpp"
#include "../signals.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

void say_plan(const PlannedStore& store, std::size_t objects, const Arguments& arguments,
              Output& output) {
  const auto say = [&](std::string_view line) { say_before_asking(arguments, output, line); };
  const StoreDescription& description = store.backend->describe();
  say("store " + store.name + " (" + printable(description.location) +
      (description.identity.empty() ? ", a new store" : "") +
      "): " + counted(objects, "object", "objects") + ", to be locked " +
      describe(store.plan.lock) + " (" + store.plan.retention.source + ")");
  const RetentionDate& date = store.plan.retention;
  if (date.requested_unix_s && *date.requested_unix_s < date.retain_until_unix_s)
    say("  what is asked here, " + format_utc({*date.requested_unix_s, 0}) +
        ", is earlier; a lock takes the latest date");
  if (store.plan.lock.mode >= LockMode::governance)
    say("  this program cannot undo it; " + printable(description.strength));
  else
    say("  stored, NOT LOCKED: " + printable(description.strength));
}

void say_outcome(const ArchiveOutcome& outcome, Output& output) {
  const bool is_locked = outcome.receipt.lock.mode >= LockMode::governance;
  const std::string what = is_locked ? "archived" : "stored, NOT LOCKED";
  output.say((outcome.is_new ? what : "already " + what) + " in " + outcome.receipt.store + ": " +
             counted(outcome.objects, "object", "objects") + ", " + describe(outcome.receipt.lock));
  output.say("receipt: " + shown_path(outcome.receipt_file));
  output.list_findings(outcome.damage);
  for (const std::string& note : outcome.notes)
    output.note("note: " + note);
}

Error told(const Error& error, const std::string& store, const std::string& when_interrupted) {
  const std::string& message =
      error.code == ErrorCode::cancelled ? when_interrupted : error.message;
  // What a plugin says has the store's name already.
  const bool has_name = message.starts_with("store " + quoted(store) + ": ");
  return {error.code, has_name ? message : "store " + store + ": " + message, error.retryable};
}

int run(const Arguments& arguments, Session& session) {
  Output& output = session.output();
  VerifyReport report;
  auto prepared = prepare_archive(arguments, session, &report);
  if (!prepared) {
    output.list_findings(report.findings);
    JsonValue result = JsonValue::object(
        {{"stores", JsonValue::array()}, {"findings", findings_json(report.findings)}});
    output.set_result(std::move(result));
    return output.fail(prepared.error());
  }
  look_into_stores(*prepared, session);
  JsonValue stores = JsonValue::array();
  int exit = kExitDone;
  bool is_pending = false;
  for (PlannedStore& store : prepared->stores) {
    // Told before the question: whoever answers it knows which stores will not take part.
    if (store.failure)
      exit = most_serious(
          exit, output.fail(told(*store.failure, store.name, "interrupted; nothing was put")));
    if (!store.is_pending()) continue;
    is_pending = true;
    say_plan(store, prepared->bundle->members().size() + 1, arguments, output);
  }
  bool may_put = true;
  if (is_pending) {
    if (const auto yes = confirm(arguments, output, "Lock it?", "nothing was stored"); !yes) {
      exit = most_serious(exit, output.fail(yes.error()));
      may_put = false;
    }
  }
  // What is archived already is told also where nothing more may be put.
  for (PlannedStore& store : prepared->stores) {
    if (store.failure || (store.is_pending() && !may_put)) continue;
    const auto outcome = archive_to_store(*prepared, store, session);
    if (outcome) {
      say_outcome(*outcome, output);
      stores.push_back(archive_outcome_json(*outcome));
      if (!outcome->damage.empty()) exit = most_serious(exit, kExitFindings);
    } else {
      exit = most_serious(exit, output.fail(told(outcome.error(), store.name,
                                                 "interrupted; there is no receipt, and the next "
                                                 "run completes what is stored")));
    }
  }
  output.set_result(
      JsonValue::object({{"stores", std::move(stores)}, {"findings", JsonValue::array()}}));
  return exit;
}

}  // namespace

Command archive_command() {
  Command command;
  command.name = "archive";
  command.arguments = "BUNDLE";
  command.least_positional = command.most_positional = 1;
  command.summary = "Verify a bundle, put it into a store, prove the lock, keep a signed receipt";
  command.details =
      "The lock lasts until the latest of the signed policy's date, what is asked here, and the\n"
      "configured minimum. It cannot be undone: the program shows it and asks first. Running it\n"
      "again is safe: what is there and proven is not written twice.";
  std::vector<Option> options{
      {"store", Option::Kind::values, "NAME", "The configured store (repeatable)", ""},
      {"yes", Option::Kind::flag, "", "Do not ask", ""},
      {"plan", Option::Kind::value, "FILE", "Do exactly what this plan says, else refuse", ""},
      {"reference", Option::Kind::value, "TEXT",
       "A change record or audit request, for the receipt", ""},
      {"workers", Option::Kind::value, "N",
       "Sessions at once (without: what the store wants, else one a core, at least 2)", ""},
  };
  for (Option& option : retention_options())
    options.push_back(std::move(option));
  command.options = with_anchor_options(std::move(options));
  command.examples =
      "  cavra archive .cavra/evidence/latest --store local --yes\n"
      "  cavra archive bundles/release-42 --store local --retention 7y --reference CHG-4711\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
