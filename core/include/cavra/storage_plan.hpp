// The v1 storage plan: byte for byte what the earlier tool wrote, and with stores our own part.
//
// Pure but for write_storage_plan(); any thread.
// Format: docs/spec/plan.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cavra/json.hpp"
#include "cavra/plan.hpp"
#include "cavra/support/result.hpp"
#include "cavra/verify.hpp"

namespace cavra {

struct StoragePlanOptions {
  std::int64_t retention_days = 2555;
  std::string s3_bucket = "cavra-evidence";
  std::string s3_prefix = "evidence/";
  std::string azure_account = "cavraevidence";
  std::string azure_container = "evidence";
};

// immutable-storage-plan.json. `stores` holds store_plan_json() of each store; left out where
// empty. Errors: usage (days below 1).
[[nodiscard]] Result<JsonValue> make_storage_plan(const BundleSummary& bundle,
                                                  const StoragePlanOptions& options,
                                                  const std::map<std::string, JsonValue>& stores);
// What a reader of this plan should know, and no error: days below the signed policy's.
[[nodiscard]] std::vector<std::string> storage_plan_notes(const BundleSummary& bundle,
                                                          const StoragePlanOptions& options);

inline constexpr const char* kStoragePlanJsonName = "immutable-storage-plan.json";
inline constexpr const char* kStoragePlanMarkdownName = "immutable-storage-plan.md";

// The text of immutable-storage-plan.md for a document that make_storage_plan() gave.
[[nodiscard]] std::string storage_plan_markdown(const JsonValue& plan);

// Writes both files into `folder`, which is made where it is missing, each beside its place and
// renamed in. Errors: io.
[[nodiscard]] Result<void> write_storage_plan(const JsonValue& plan,
                                              const std::filesystem::path& folder);

}  // namespace cavra
