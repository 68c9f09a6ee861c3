#include "cavra/status.hpp"

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

void say_status(const CheckedReceipt& receipt, const StatusReport& report, Output& output) {
  const std::string size =
      counted(report.objects, "object", "objects") + ", " + human_bytes(report.bytes);
  output.say(report.findings.empty() ? "archive holds: " + size : "archive does not hold: " + size);
  for (const Finding& finding : report.findings)
    output.say("  - " + finding_line(finding));
  output.say("store " + printable(receipt.receipt.store) + " at " +
             printable(receipt.receipt.location));
  const std::string until =
      report.retain_until_unix_s ? format_utc({*report.retain_until_unix_s, 0}) : "no date";
  if (report.is_due)
    output.say("due: retention ended " + until + "; docs/operator.md says what to do");
  else
    output.say("lock: " + std::string(to_string(receipt.receipt.lock.mode)) + " until " + until +
               (report.legal_hold ? ", legal hold" : ""));
  if (receipt.receipt.lock.mode <= LockMode::advisory)
    output.say(strength_of(receipt.receipt.lock.mode));
}

int run(const Arguments& arguments, Session& session) {
  auto stored = open_stored_receipt(arguments, session);
  if (!stored) return session.output().fail(stored.error());
  StatusOptions options;
  options.now = now_utc();
  options.is_cancelled = is_interrupted;
  Result<StatusReport> report = StatusReport{};
  {
    Progress progress("asking the store", bytes_of(stored->checked.receipt),
                      session.wants_progress());
    options.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
    report = status(stored->checked, *stored->store, options);
  }
  if (!report && report.error().code == ErrorCode::cancelled)
    return session.output().fail({ErrorCode::cancelled, "interrupted; not all was asked"});
  if (!report) return session.output().fail(report.error());
  // The receipt's own findings come first: what the store says means little under a false receipt.
  report->findings.insert(report->findings.begin(), stored->checked.findings.begin(),
                          stored->checked.findings.end());
  say_status(stored->checked, *report, session.output());
  JsonValue result = status_report_json(*report);
  result.set("receipt_sha256", stored->checked.sha256);
  result.set("store", stored->checked.receipt.store);
  session.output().set_result(std::move(result));
  return report->findings.empty() ? kExitDone : kExitFindings;
}

}  // namespace

Command status_command() {
  Command command;
  command.name = "status";
  command.arguments = "RECEIPT";
  command.least_positional = command.most_positional = 1;
  command.summary =
      "Check a receipt and ask its store, now, whether every object and lock still holds";
  command.details =
      "RECEIPT is a file, or the first digits of its digest in the receipts folder. Every byte is\n"
      "read back. Exit status 1 on any finding.";
  command.options = receipt_options();
  command.examples = "  cavra status .cavra/receipts/*.json\n  cavra status 3f9a12\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
