#include "cavra/restore.hpp"

#include <algorithm>

#include "../output/exit_code.hpp"
#include "../output/progress.hpp"
#include "../signals.hpp"
#include "../stored_receipt.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

JsonValue result_json(const std::string& folder, const RestoreReport& report,
                      const Findings& findings) {
  return JsonValue::object({{"output", folder},
                            {"files", std::uint64_t{report.files}},
                            {"bytes", report.bytes},
                            {"findings", findings_json(findings)}});
}

int run(const Arguments& arguments, Session& session) {
  Output& output = session.output();
  const std::string folder = arguments.text("output");
  if (folder.empty())
    return output.fail({ErrorCode::usage, "--output FOLDER is missing: where the bundle goes"});
  const auto stored = read_stored_receipt(arguments.positional(0), arguments, session);
  if (!stored) return output.fail(stored.error());
  const Findings& findings = stored->checked.findings;
  output.list_findings(findings);
  if (std::ranges::any_of(findings, makes_receipt_doubtful)) {
    output.set_result(result_json(folder, {}, findings));
    return output.fail({ErrorCode::corrupt, "the receipt does not hold; nothing was restored"});
  }
  const auto store = open_receipt_store(stored->checked.receipt, arguments, session);
  if (!store) return output.fail(store.error());
  RestoreOptions options;
  options.is_cancelled = is_interrupted;
  Result<RestoreReport> report = RestoreReport{};
  {
    Progress progress("restoring", 0, session.wants_progress());
    options.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
    report = restore(stored->checked, **store, folder, options);
  }
  if (!report && report.error().code == ErrorCode::cancelled)
    return output.fail({ErrorCode::cancelled, "interrupted; nothing was restored"});
  if (!report) return output.fail(report.error());
  output.say("restored " + counted(report->files, "file", "files") + ", " +
             human_bytes(report->bytes) + ", every byte checked: " + printable(folder));
  output.set_result(result_json(folder, *report, findings));
  return findings.empty() ? kExitDone : kExitFindings;
}

}  // namespace

Command restore_command() {
  Command command;
  command.name = "restore";
  command.arguments = "RECEIPT";
  command.least_positional = command.most_positional = 1;
  command.summary = "Give an archived bundle back, every byte checked against its receipt";
  command.details =
      "RECEIPT is a file, or at least the first 6 lower-case digits of its name in the receipts\n"
      "folder. The bundle is written beside its place and renamed in. It is given back also when "
      "a\n"
      "key was revoked since: then the finding is told and the exit status is 1.";
  command.options = receipt_options();
  command.options.insert(command.options.begin(), {"output", Option::Kind::value, "FOLDER",
                                                   "Where the bundle goes; must not exist", ""});
  command.examples = "  cavra restore 3f9a12 --output restored\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
