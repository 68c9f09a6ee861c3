#include "../anchor_options.hpp"
#include "../output/exit_code.hpp"
#include "../output/progress.hpp"
#include "../report_json.hpp"
#include "../retention_options.hpp"
#include "../signals.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

Result<VerifyPolicy> policy_of(const Arguments& arguments) {
  VerifyPolicy policy = verify_policy(arguments);
  if (arguments.has("minimum-retention-days")) {
    CAVRA_TRY(policy.minimum_retention_days,
              arguments.integer("minimum-retention-days", 1, kMaxRetentionDays));
  }
  if (arguments.has("at")) {
    CAVRA_TRY(const OffsetTimestamp at, parse_rfc3339(arguments.text("at")));
    policy.at = at.at;
  }
  return policy;
}

Result<VerifyReport> check(const Arguments& arguments, Session& session) {
  CAVRA_TRY(VerifyPolicy policy, policy_of(arguments));
  const bool checksums_only = arguments.flag("checksums-only");
  if (checksums_only && (names_an_anchor(arguments) || arguments.has("key-id")))
    return Error{ErrorCode::usage,
                 "--checksums-only checks no signer: leave out the trust anchor and --key-id, or "
                 "--checksums-only"};
  Progress progress("verifying", 0, session.wants_progress());
  policy.on_progress = [&progress](std::uint64_t bytes) { progress.show(bytes); };
  if (checksums_only) {
    CAVRA_TRY(Bundle bundle, Bundle::open(arguments.positional(0)));
    return verify_checksums_only(std::move(bundle), policy);
  }
  CAVRA_TRY(const TrustAnchor anchor, trust_anchor(arguments, session));
  CAVRA_TRY(Bundle bundle, Bundle::open(arguments.positional(0)));
  return verify(std::move(bundle), anchor, policy);
}

void say_verdict(const VerifyReport& report, const Arguments& arguments, Output& output) {
  if (!report.findings.empty()) {
    output.say("evidence verification failed");
    for (const Finding& finding : report.findings)
      output.say("  - " + finding_line(finding));
    return;
  }
  const bool checksums_only = arguments.flag("checksums-only");
  output.say(checksums_only ? "evidence checksums hold; signer not checked" : "evidence verified");
  output.note("session " + printable(report.session_id) + ", " +
              counted(report.member_count, "member", "members") + ", " + human_bytes(report.bytes));
  if (report.bundle && report.bundle->signed_by()) {
    const TrustRoot& root = *report.bundle->signed_by();
    output.note("signed by key id " + quoted(root.key_id) + ", owner " + quoted(root.owner));
  }
  if (arguments.has("at")) output.note("judged as of " + arguments.text("at"));
}

int run(const Arguments& arguments, Session& session) {
  auto report = check(arguments, session);
  if (!report) return session.output().fail(report.error());
  if (report->is_cancelled)
    return session.output().fail({ErrorCode::cancelled, "interrupted; nothing was verified"});
  say_verdict(*report, arguments, session.output());
  for (const Finding& note : report->notes)
    session.output().note("note: " + finding_line(note));
  session.output().set_result(verify_report_json(*report, arguments.flag("checksums-only")));
  return report->findings.empty() ? kExitDone : kExitFindings;
}

}  // namespace

Command evidence_verify_command() {
  Command command;
  command.name = "evidence verify";
  command.arguments = "BUNDLE";
  command.least_positional = command.most_positional = 1;
  command.summary = "Check a bundle's signature, members and retention policy; tell every finding";
  command.details =
      "Trust comes from outside the bundle: exactly one of --trust-root, --public-key and\n"
      "--hmac-key-file, else the configuration's trust roots. Without any: exit status 1.";
  command.options = with_anchor_options({
      {"minimum-retention-days", Option::Kind::value, "N",
       "The least days that the signed policy must have (a rule that says 7 years needs 2557)", ""},
      {"checksums-only", Option::Kind::flag, "",
       "Check structure, sizes and digests; who signed is not checked", ""},
      {"at", Option::Kind::value, "TIME", "Judge as of then (RFC 3339), and say so", ""},
  });
  command.examples =
      "  cavra evidence verify .cavra/evidence/latest\n"
      "  cavra evidence verify bundle --trust-root keys/evidence-trust-roots.json \\\n"
      "    --key-id prod-evidence --minimum-retention-days 2555\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
