// The core's reports as JSON: what --json prints below "result".
#pragma once

#include "cavra/archive.hpp"
#include "cavra/later_act.hpp"
#include "cavra/plugin_registry.hpp"
#include "cavra/status.hpp"
#include "cavra/storage.hpp"
#include "cavra/verify.hpp"
#include "stored_receipt.hpp"

namespace cavra::cli {

[[nodiscard]] JsonValue verify_report_json(const VerifyReport& report, bool checksums_only);
[[nodiscard]] JsonValue store_description_json(const std::string& name,
                                               const StoreDescription& store);
[[nodiscard]] JsonValue plugin_facts_json(const PluginFacts& facts);
[[nodiscard]] JsonValue archive_outcome_json(const ArchiveOutcome& outcome);
[[nodiscard]] JsonValue later_act_json(const StoredReceipt& stored, ActKind kind,
                                       const ActPlan& plan, const ArchiveOutcome& outcome);
// `location`: where the store that was asked is.
[[nodiscard]] JsonValue status_report_json(const StoredReceipt& stored, const StatusReport& report,
                                           const std::string& location);
// The names in their order, as an array of strings.
[[nodiscard]] JsonValue strings_json(const std::vector<std::string>& texts);

}  // namespace cavra::cli
