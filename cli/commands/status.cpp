#include "cavra/status.hpp"

#include <map>

#include "../output/exit_code.hpp"
#include "../output/progress.hpp"
#include "../report_json.hpp"
#include "../signals.hpp"
#include "../stored_receipt.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

std::uint64_t bytes_of(const Receipt& receipt) {
  std::uint64_t bytes = 0;
  for (const ProvenObject& object : receipt.objects)
    bytes += object.bytes;
  return bytes;
}

void say_lock(const Receipt& receipt, const StatusReport& report, Output& output) {
  const Lock now{report.mode, report.retain_until_unix_s, report.legal_hold};
  output.say("lock: " + describe(now));
  if (now.retain_until_unix_s != receipt.lock.retain_until_unix_s || now.mode != receipt.lock.mode)
    output.say("the receipt promises: " + describe(receipt.lock));
  if (report.hold_was_cleared) output.say("the legal hold that it records was cleared since");
  if (report.is_due)
    output.say("due: retention has ended, and no hold stands; the operator's page says what to do");
  if (receipt.lock.mode <= LockMode::advisory) output.say(strength_of(receipt.lock.mode));
}

void say_status(const StoredReceipt& stored, const StatusReport& report,
                const std::string& location, Output& output) {
  const Receipt& receipt = stored.checked.receipt;
  const std::string size =
      counted(report.objects, "object", "objects") + ", " + human_bytes(report.bytes);
  output.say(report.findings.empty() ? "archive holds: " + size : "archive does not hold: " + size);
  for (const Finding& finding : report.findings)
    output.say("  - " + finding_line(finding));
  output.say("session " + printable(receipt.session_id) +
             (receipt.reference.empty() ? "" : ", reference " + printable(receipt.reference)));
  output.say("store " + printable(receipt.store) + " at " + printable(location));
  if (location != receipt.location)
    output.say("the receipt says that it was at " + printable(receipt.location));
  say_lock(receipt, report, output);
  for (const std::string& sha256 : report.later)
    output.say("a later receipt says how it stands: " + sha256);
  for (const std::string& note : report.notes)
    output.note("note: " + note);
}

// The receipts of one call, and what was told of them.
class StatusRun {
 public:
  StatusRun(const Arguments& arguments, Session& session)
      : arguments_(arguments), session_(session), output_(session.output()) {}

  int run() {
    std::vector<std::string> words = arguments_.positional();
    const bool is_all = arguments_.flag("all");
    if (is_all != words.empty())
      return output_.fail({ErrorCode::usage, "name a RECEIPT, or say --all"});
    if (const auto ready = prepare(); !ready) return output_.fail(ready.error());
    if (is_all) {
      auto files = all_receipt_files(session_);
      if (files) files = newest_receipts(*std::move(files), arguments_, session_);
      if (!files) return output_.fail(files.error());
      words = *std::move(files);
    }
    int exit = kExitDone;
    for (const std::string& word : words) {
      exit = most_serious(exit, tell(word, is_all, words.size() > 1));
      if (is_interrupted()) break;
    }
    if (is_all) say_sum();
    if (is_all && told_ + untold_ == 0) output_.warn("there was no receipt to ask about");
    output_.set_result(JsonValue::object({{"receipts", std::move(results_)}}));
    return exit;
  }

 private:
  Result<void> prepare() {
    CAVRA_TRY(at_, asked_time(arguments_));
    if (!arguments_.has("store")) return {};
    CAVRA_TRY(const Config* config, session_.config());
    CAVRA_TRY([[maybe_unused]] const StoreConfig* store, config->store(arguments_.text("store")));
    return {};
  }

  int tell(const std::string& word, bool is_all, bool names_receipt) {
    const auto stored = read_stored_receipt(word, arguments_, session_);
    if (!stored) {
      ++untold_;
      return output_.fail(stored.error());
    }
    // What a receipt that does not hold says of its store hides nothing.
    if (is_all && arguments_.has("store") && stored->checked.findings.empty() &&
        stored->checked.receipt.store != arguments_.text("store"))
      return kExitDone;
    if (names_receipt) output_.say("receipt " + shown_path(stored->file));
    auto report = ask(*stored);
    if (!report) {
      ++untold_;
      output_.list_findings(stored->checked.findings);
      const int failed = output_.fail(report.error());
      return stored->checked.findings.empty() ? failed : most_serious(kExitFindings, failed);
    }
    // The receipt's own findings come first: what the store says means little under a false one.
    report->findings.insert(report->findings.begin(), stored->checked.findings.begin(),
                            stored->checked.findings.end());
    const std::string& location = stores_[stored->checked.receipt.store]->describe().location;
    say_status(*stored, *report, location, output_);
    results_.push_back(status_report_json(*stored, *report, location));
    ++told_;
    due_ += report->is_due ? 1 : 0;
    failing_ += report->findings.empty() ? 0 : 1;
    return report->findings.empty() ? kExitDone : kExitFindings;
  }

  Result<StatusReport> ask(const StoredReceipt& stored) {
    const Receipt& receipt = stored.checked.receipt;
    auto& store = stores_[receipt.store];
    if (store == nullptr) {
      CAVRA_TRY(store, open_receipt_store(receipt, arguments_, session_));
    }
    StatusOptions options;
    options.now = at_;
    options.receipt_roots = stored.roots.get();
    options.is_cancelled = is_interrupted;
    Progress progress("asking the store", bytes_of(receipt), session_.wants_progress());
    options.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
    auto report = status(stored.checked, *store, options);
    if (!report && report.error().code == ErrorCode::cancelled)
      return Error{ErrorCode::cancelled, "interrupted; not all was asked"};
    return report;
  }

  void say_sum() {
    output_.say(counted(told_, "receipt", "receipts") + ": " + std::to_string(failing_) +
                " with findings, " + std::to_string(due_) + " due" +
                (untold_ == 0 ? "" : "; " + std::to_string(untold_) + " could not be asked about"));
  }

  const Arguments& arguments_;
  Session& session_;
  Output& output_;
  Timestamp at_;
  std::map<std::string, std::unique_ptr<StorageBackend>> stores_;  // by the receipt's name
  JsonValue results_ = JsonValue::array();
  std::size_t told_ = 0;
  std::size_t due_ = 0;
  std::size_t failing_ = 0;
  std::size_t untold_ = 0;
};

int run(const Arguments& arguments, Session& session) {
  return StatusRun(arguments, session).run();
}

}  // namespace

Command status_command() {
  Command command;
  command.name = "status";
  command.arguments = "[RECEIPT...]";
  command.most_positional = SIZE_MAX;
  command.summary =
      "Check receipts and ask their stores, now, whether every object and lock still holds";
  command.details =
      "RECEIPT is a file, or at least the first 6 lower-case digits of its name in the receipts\n"
      "folder. Every byte is read back. Tells what is due: its retention has ended. Exit status 1\n"
      "on any finding.";
  command.options = receipt_options();
  command.options.insert(
      command.options.begin(),
      {"all", Option::Kind::flag, "",
       "The newest receipts in the receipts folder; with --store, those of that store", ""});
  command.options.push_back(at_option());
  command.examples =
      "  cavra status .cavra/receipts/*.json\n  cavra status --all --store local\n"
      "  cavra status --all --at 2033-12-31T00:00:00Z\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
