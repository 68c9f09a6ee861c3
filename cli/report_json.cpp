#include "report_json.hpp"

#include "output/output.hpp"

namespace cavra::cli {

namespace {

JsonValue optional_time(const std::optional<std::int64_t>& unix_s) {
  return unix_s ? JsonValue(format_utc({*unix_s, 0})) : JsonValue();
}

JsonValue optional_count(const std::optional<std::uint64_t>& count) {
  return count ? JsonValue(*count) : JsonValue();
}

JsonValue signer_json(const VerifyReport& report) {
  if (!report.manifest) return {};
  const ManifestFacts& manifest = *report.manifest;
  JsonValue signer = JsonValue::object({{"name", manifest.signer},
                                        {"algorithm", manifest.signature.algorithm},
                                        {"key_id", manifest.signature.key_id}});
  if (report.bundle && report.bundle->signed_by())
    signer.set("owner", report.bundle->signed_by()->owner);
  return signer;
}

}  // namespace

JsonValue strings_json(const std::vector<std::string>& texts) {
  JsonValue list = JsonValue::array();
  for (const std::string& text : texts)
    list.push_back(text);
  return list;
}

JsonValue verify_report_json(const VerifyReport& report, bool checksums_only) {
  const bool holds = report.findings.empty();
  return JsonValue::object(
      {{"verified", holds && !checksums_only},
       {"signer_checked", !checksums_only},
       {"session_id", report.session_id},
       {"manifest_sha256", report.manifest_sha256},
       {"members", std::uint64_t{report.member_count}},
       {"bytes", report.bytes},
       {"created_at", report.manifest ? JsonValue(report.manifest->created_at_text) : JsonValue()},
       {"signer", signer_json(report)},
       {"findings", findings_json(report.findings)},
       {"notes", findings_json(report.notes)}});
}

JsonValue store_description_json(const std::string& name, const StoreDescription& store) {
  JsonValue rights = JsonValue::array();
  for (const Right& right : store.rights) {
    rights.push_back(JsonValue::object(
        {{"name", right.name}, {"needed_for", right.needed_for}, {"reason", right.reason}}));
  }
  JsonValue longest =
      store.longest_retention_s ? JsonValue(*store.longest_retention_s) : JsonValue();
  return JsonValue::object({{"name", name},
                            {"plugin_id", store.plugin_id},
                            {"plugin_version", store.plugin_version},
                            {"plugin_sha256", store.plugin_sha256},
                            {"location", store.location},
                            {"identity", store.identity},
                            {"key_prefix", store.key_prefix},
                            {"mode", to_string(store.mode)},
                            {"has_versions", store.has_versions},
                            {"has_legal_hold", store.has_legal_hold},
                            {"checks_sha256", store.checks_sha256},
                            {"has_no_dot_ends", store.has_no_dot_ends},
                            {"max_key_bytes", std::int64_t{store.max_key_bytes}},
                            {"max_key_part_bytes", std::int64_t{store.max_key_part_bytes}},
                            {"last_retain_until", optional_time(store.last_retain_until_unix_s)},
                            {"longest_retention_s", std::move(longest)},
                            {"largest_object_bytes", optional_count(store.largest_object_bytes)},
                            {"strength", store.strength},
                            {"rights", std::move(rights)}});
}

JsonValue plugin_facts_json(const PluginFacts& facts) {
  return JsonValue::object(
      {{"name", facts.name},
       {"file", facts.file.native()},
       {"sha256", facts.sha256},
       {"id", facts.id},
       {"version", facts.version},
       {"vendor", facts.vendor},
       {"licence", facts.licence},
       {"abi", std::to_string(facts.abi_major) + "." + std::to_string(facts.abi_minor)},
       {"interfaces", strings_json(facts.interfaces)}});
}

JsonValue archive_outcome_json(const ArchiveOutcome& outcome) {
  return JsonValue::object({{"store", outcome.receipt.store},
                            {"archive_prefix", outcome.receipt.archive_prefix},
                            {"lock", outcome.receipt.lock.to_json()},
                            {"objects", std::uint64_t{outcome.objects}},
                            {"created", std::uint64_t{outcome.created}},
                            {"already_present", std::uint64_t{outcome.already_present}},
                            {"locks_raised", std::uint64_t{outcome.raised}},
                            {"is_new", outcome.is_new},
                            {"receipt_file", outcome.receipt_file.native()},
                            {"receipt_key", outcome.receipt_key},
                            {"receipt_sha256", outcome.receipt_sha256},
                            {"findings", findings_json(outcome.damage)},
                            {"notes", strings_json(outcome.notes)}});
}

JsonValue later_act_json(const StoredReceipt& stored, ActKind kind, const ActPlan& plan,
                         const ArchiveOutcome& outcome) {
  return JsonValue::object({{"act", to_string(kind)},
                            {"store", outcome.receipt.store},
                            {"session_id", outcome.receipt.session_id},
                            {"archive_prefix", outcome.receipt.archive_prefix},
                            {"lock_before", plan.before.to_json()},
                            {"lock", outcome.receipt.lock.to_json()},
                            {"objects", std::uint64_t{outcome.objects}},
                            {"locks_changed", std::uint64_t{outcome.raised + outcome.cleared}},
                            {"is_new", outcome.is_new},
                            {"previous", strings_json(outcome.receipt.act.previous)},
                            {"receipt_file", outcome.receipt_file.native()},
                            {"receipt_key", outcome.receipt_key},
                            {"receipt_sha256", outcome.receipt_sha256},
                            {"findings", findings_json(stored.checked.findings)},
                            {"notes", strings_json(outcome.notes)}});
}

JsonValue status_report_json(const StoredReceipt& stored, const StatusReport& report,
                             const std::string& location) {
  const Receipt& receipt = stored.checked.receipt;
  const Lock lock{report.mode, report.retain_until_unix_s, report.legal_hold};
  return JsonValue::object({{"receipt_file", stored.file.native()},
                            {"receipt_sha256", stored.checked.sha256},
                            {"session_id", receipt.session_id},
                            {"reference", receipt.reference},
                            {"store", receipt.store},
                            {"location", location},
                            {"receipt_location", receipt.location},
                            {"holds", report.findings.empty()},
                            {"objects", std::uint64_t{report.objects}},
                            {"bytes", report.bytes},
                            {"lock", lock.to_json()},
                            {"promised_lock", receipt.lock.to_json()},
                            {"due", report.is_due},
                            {"act", to_string(receipt.act.kind)},
                            {"later", strings_json(report.later)},
                            {"hold_was_cleared", report.hold_was_cleared},
                            {"findings", findings_json(report.findings)}});
}

}  // namespace cavra::cli
