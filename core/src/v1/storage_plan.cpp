// Here, and nowhere else in the core, two vendors are named: v1's plan has them in its format.
#include "cavra/storage_plan.hpp"

namespace cavra {
namespace {

JsonValue s3_part(const StoragePlanOptions& options) {
  return JsonValue::object(
      {{"bucket", options.s3_bucket},
       {"default_retention_days", options.retention_days},
       {"default_retention_mode", "COMPLIANCE"},
       {"deployment_reference", "examples/immutable-storage/aws-s3-object-lock"},
       {"object_lock_enabled", true},
       {"prefix", options.s3_prefix},
       {"required_bucket_versioning", true},
       {"required_kms_encryption", true}});
}

JsonValue azure_part(const StoragePlanOptions& options) {
  return JsonValue::object(
      {{"account", options.azure_account},
       {"allow_protected_append_writes", false},
       {"container", options.azure_container},
       {"deployment_reference", "examples/immutable-storage/azure-blob-immutability"},
       {"immutability_policy_days", options.retention_days},
       {"required_infrastructure_encryption", true},
       {"required_versioning", true}});
}

// As v1: slashes at the prefix's end are dropped, nothing is percent-encoded, and the Azure
// address has no prefix at all. The keys that an archive writes are in `stores`.
JsonValue files_part(const BundleSummary& bundle, const StoragePlanOptions& options) {
  const std::size_t prefix_end = options.s3_prefix.find_last_not_of('/') + 1;  // npos + 1 is 0
  const std::string s3_folder =
      "s3://" + options.s3_bucket + "/" + options.s3_prefix.substr(0, prefix_end) + "/";
  const std::string azure_folder = "https://" + options.azure_account + ".blob.core.windows.net/" +
                                   options.azure_container + "/";
  JsonValue::Array files;
  files.reserve(bundle.files.size());
  for (const BundleSummary::File& file : bundle.files)
    files.push_back(JsonValue::object({{"azure_blob", azure_folder + file.path},
                                       {"bytes", file.bytes},
                                       {"path", file.path},
                                       {"s3_uri", s3_folder + file.path},
                                       {"sha256", file.sha256.hex()}}));
  return files;
}

}  // namespace

Result<JsonValue> make_storage_plan(const BundleSummary& bundle, const StoragePlanOptions& options,
                                    const std::map<std::string, JsonValue>& stores) {
  if (options.retention_days < 1)
    return Error{ErrorCode::usage, "a storage plan for " + std::to_string(options.retention_days) +
                                       " days locks nothing; --retention-days is 1 or more"};
  JsonValue plan = JsonValue::object(
      {{"azure_immutable_blob", azure_part(options)},
       {"bundle", plan_bundle_json(bundle)},
       {"files", files_part(bundle, options)},
       {"product", "CAVRA"},
       {"retention", JsonValue::object({{"delete_protection", true},
                                        {"legal_hold_supported", true},
                                        {"mode", "compliance"},
                                        {"retention_days", options.retention_days}})},
       {"s3_object_lock", s3_part(options)},
       {"schema_version", "cavra.immutable-storage-plan.v1"}});
  if (stores.empty()) return plan;
  JsonValue& part = plan.set("stores", JsonValue::object());
  for (const auto& [name, store] : stores)
    part.set(name, store);
  return plan;
}

std::vector<std::string> storage_plan_notes(const BundleSummary& bundle,
                                            const StoragePlanOptions& options) {
  if (!bundle.retention || options.retention_days >= bundle.retention->retention_days) return {};
  return {"the plan's " + std::to_string(options.retention_days) + " days are below the " +
          std::to_string(bundle.retention->retention_days) +
          " of the signed retention policy; a lock takes the latest date"};
}

}  // namespace cavra
