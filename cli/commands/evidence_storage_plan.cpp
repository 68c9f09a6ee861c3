#include "../anchor_options.hpp"
#include "../output/exit_code.hpp"
#include "../retention_options.hpp"
#include "cavra/storage_plan.hpp"
#include "cavra/support/encoding.hpp"
#include "commands.hpp"

namespace cavra::cli {

namespace {

Result<BundleSummary> checked_summary(const Arguments& arguments, Session& session,
                                      VerifyReport* report) {
  const VerifyPolicy policy = verify_policy(arguments);
  if (arguments.flag("checksums-only")) {
    if (names_an_anchor(arguments))
      return Error{ErrorCode::usage,
                   "--checksums-only checks no signer: leave out the trust anchor"};
    CAVRA_TRY(Bundle bundle, Bundle::open(arguments.positional(0)));
    return summarize_checksums_only(std::move(bundle), policy, report);
  }
  CAVRA_TRY(const TrustAnchor anchor, trust_anchor(arguments, session));
  CAVRA_TRY(Bundle bundle, Bundle::open(arguments.positional(0)));
  *report = verify(std::move(bundle), anchor, policy);
  if (report->is_cancelled) return Error{ErrorCode::cancelled, "interrupted; nothing was planned"};
  if (!report->bundle)
    return Error{ErrorCode::corrupt, "the bundle did not verify; nothing is planned"};
  return summarize(*report->bundle);
}

// The stores that --store names, else all that are configured. Errors: usage.
Result<std::vector<std::string>> planned_stores(const Arguments& arguments, const Config& config) {
  std::vector<std::string> names = arguments.texts("store");
  for (const std::string& name : names)
    CAVRA_CHECK(config.store(name));
  if (!names.empty()) return names;
  for (const auto& [name, store] : config.stores)
    names.push_back(name);
  return names;
}

// What each store would get; empty without a configuration.
Result<std::map<std::string, JsonValue>> store_plans(const BundleSummary& bundle,
                                                     const Arguments& arguments, Session& session) {
  std::map<std::string, JsonValue> plans;
  CAVRA_TRY(const Config* config, session.config_if_any());
  if (config == nullptr && arguments.has("store"))
    return Error{ErrorCode::usage,
                 "--store names a configured store, and there is no configuration"};
  if (config == nullptr) return plans;
  CAVRA_TRY(const auto names, planned_stores(arguments, *config));
  CAVRA_TRY(const RetentionRequest request,
            retention_request(arguments, config->minimum_retention));
  for (const std::string& name : names) {
    CAVRA_TRY(const RetentionDate date,
              retention_date(bundle.manifest.created_at, bundle.retention, request));
    CAVRA_TRY(const auto backend, open_store(session, *config, name, 1));
    CAVRA_TRY(const StorePlan plan, make_store_plan(bundle, name, backend->describe(), date));
    plans.emplace(name, store_plan_json(plan, bundle));
  }
  return plans;
}

// The v1 part of a plan counts days: of another request, the whole days until its date.
Result<std::int64_t> planned_days(const BundleSummary& bundle, const Arguments& arguments) {
  CAVRA_TRY(const RetentionRequest request, retention_request(arguments, std::nullopt));
  if (!arguments.has("retention") && !arguments.has("retain-until"))
    return arguments.integer("retention-days", 1, kMaxRetentionDays);
  CAVRA_TRY(const RetentionDate date,
            retention_date(bundle.manifest.created_at, std::nullopt, request));
  constexpr std::int64_t kDay = 86400;
  const std::int64_t seconds = date.retain_until_unix_s - bundle.manifest.created_at.at.unix_s;
  if (seconds <= 0)
    return Error{ErrorCode::refused, "the date is not after the bundle's created_at"};
  return (seconds + kDay - 1) / kDay;
}

Result<JsonValue> plan(const Arguments& arguments, Session& session, VerifyReport* report) {
  StoragePlanOptions options;
  options.s3_bucket = arguments.text("s3-bucket");
  options.s3_prefix = arguments.text("s3-prefix");
  options.azure_account = arguments.text("azure-account");
  options.azure_container = arguments.text("azure-container");
  CAVRA_TRY(const BundleSummary bundle, checked_summary(arguments, session, report));
  CAVRA_TRY(options.retention_days, planned_days(bundle, arguments));
  CAVRA_TRY(const auto stores, store_plans(bundle, arguments, session));
  if (bundle.retention && options.retention_days < bundle.retention->retention_days)
    session.output().note("note: the signed policy says " +
                          std::to_string(bundle.retention->retention_days) +
                          " days, more than what is asked here; a lock takes the latest date");
  CAVRA_TRY(JsonValue document, make_storage_plan(bundle, options, stores));
  CAVRA_CHECK(write_storage_plan(document, arguments.text("output")));
  return document;
}

JsonValue result_json(const Arguments& arguments, JsonValue document, const VerifyReport& report) {
  return JsonValue::object({{"output", arguments.text("output")},
                            {"plan", std::move(document)},
                            {"findings", findings_json(report.findings)}});
}

int run(const Arguments& arguments, Session& session) {
  VerifyReport report;
  const auto document = plan(arguments, session, &report);
  Output& output = session.output();
  if (!document) {
    output.list_findings(report.findings);
    output.set_result(result_json(arguments, JsonValue(), report));
    return output.fail(document.error());
  }
  output.say("storage plan: " +
             printable(arguments.text("output") + "/immutable-storage-plan.json"));
  if (arguments.flag("checksums-only")) output.note("note: signer not checked");
  output.set_result(result_json(arguments, *document, report));
  return kExitDone;
}

}  // namespace

Command evidence_storage_plan_command() {
  Command command;
  command.name = "evidence storage-plan";
  command.arguments = "BUNDLE";
  command.least_positional = command.most_positional = 1;
  command.summary =
      "Verify a bundle and write the plan of where it would be kept, under which lock";
  command.details =
      "The plan of every configured store is added; `cavra archive --plan FILE` then requires "
      "that\n"
      "a run does exactly that.";
  command.options = with_anchor_options({
      {"checksums-only", Option::Kind::flag, "", "Plan a bundle whose signer is not checked", ""},
      {"output", Option::Kind::value, "FOLDER", "Where the plan goes", ".cavra/evidence/storage"},
      {"retention-days", Option::Kind::value, "N", "Days to keep it, at least 1", "2555"},
      {"retention", Option::Kind::value, "PERIOD", "The same as a period: 2555d, 7y, P7Y", ""},
      {"retain-until", Option::Kind::value, "TIME", "Keep until then (RFC 3339 with zone)", ""},
      {"store", Option::Kind::values, "NAME",
       "Plan for this configured store (repeatable; without: for all)", ""},
      {"s3-bucket", Option::Kind::value, "NAME", "Of the v1 plan's S3 part", "cavra-evidence"},
      {"s3-prefix", Option::Kind::value, "PREFIX", "Of the v1 plan's S3 part", "evidence/"},
      {"azure-account", Option::Kind::value, "NAME", "Of the v1 plan's Azure part",
       "cavraevidence"},
      {"azure-container", Option::Kind::value, "NAME", "Of the v1 plan's Azure part", "evidence"},
  });
  command.examples = "  cavra evidence storage-plan .cavra/evidence/latest --retention-days 2555\n";
  command.run = run;
  return command;
}

}  // namespace cavra::cli
