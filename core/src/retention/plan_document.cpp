// A plan as a document: what it says of a store, and whether a kept one still holds.
#include <algorithm>
#include <string>
#include <utility>

#include "cavra/plan.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

constexpr std::string_view kPlanSchemaVersion = "cavra.immutable-storage-plan.v1";

// A value in a message: short, on one line, safe to print.
std::string shown(const JsonValue* value) {
  if (value == nullptr) return "nothing";
  if (value->is_object() || value->if_array() != nullptr)
    return std::string("an ") + value->type_name();
  return printable(compact_json(*value), 100);
}

Error difference(std::string_view pointer, const JsonValue* kept, const JsonValue* computed) {
  return {ErrorCode::refused, "the plan does not fit this run: at #" + printable(pointer, 200) +
                                  " it has " + shown(kept) + ", and this run computes " +
                                  shown(computed) +
                                  "; look at what changed, and make and approve a new plan"};
}

Result<void> compare(const JsonValue* kept, const JsonValue* computed, const std::string& pointer);

Result<void> compare_objects(const JsonValue& kept, const JsonValue& computed,
                             const std::string& pointer) {
  for (const JsonMember& member : *computed.if_object())
    CAVRA_CHECK(
        compare(kept.find(member.name), &member.value, child_pointer(pointer, member.name)));
  for (const JsonMember& member : *kept.if_object()) {
    if (computed.find(member.name) == nullptr)
      return difference(child_pointer(pointer, member.name), &member.value, nullptr);
  }
  return {};
}

Result<void> compare_arrays(const JsonValue::Array& kept, const JsonValue::Array& computed,
                            const std::string& pointer) {
  for (std::size_t i = 0; i < std::max(kept.size(), computed.size()); ++i)
    CAVRA_CHECK(compare(i < kept.size() ? &kept[i] : nullptr,
                        i < computed.size() ? &computed[i] : nullptr, child_pointer(pointer, i)));
  return {};
}

// Goes down only where both are alike in kind, so no deeper than the computed value, which is at
// most kMaxJsonDepth deep.
Result<void> compare(const JsonValue* kept, const JsonValue* computed, const std::string& pointer) {
  if (kept == nullptr || computed == nullptr) return difference(pointer, kept, computed);
  if (*kept == *computed) return {};
  if (kept->is_object() && computed->is_object()) return compare_objects(*kept, *computed, pointer);
  if (kept->is_array() && computed->is_array())
    return compare_arrays(*kept->if_array(), *computed->if_array(), pointer);
  return difference(pointer, kept, computed);
}

// Of each file the plan has more (the addresses of v1's two stores), which is not compared.
Result<void> compare_files(const JsonValue* kept, const BundleSummary& bundle) {
  static const std::string kPointer = "/files";
  const JsonValue::Array* entries = kept == nullptr ? nullptr : kept->if_array();
  if (entries == nullptr)
    return Error{ErrorCode::usage, "this is no storage plan: #/files is no array"};
  for (std::size_t i = 0; i < std::max(entries->size(), bundle.files.size()); ++i) {
    const std::string pointer = child_pointer(kPointer, i);
    const JsonValue* entry = i < entries->size() ? &(*entries)[i] : nullptr;
    if (i >= bundle.files.size()) return difference(pointer, entry, nullptr);
    const BundleSummary::File& file = bundle.files[i];
    const JsonValue path = file.path;
    if (entry == nullptr) return difference(pointer, nullptr, &path);
    const JsonValue sha256 = file.sha256.hex();
    const JsonValue bytes = file.bytes;
    CAVRA_CHECK(compare(entry->find("path"), &path, child_pointer(pointer, "path")));
    CAVRA_CHECK(compare(entry->find("sha256"), &sha256, child_pointer(pointer, "sha256")));
    CAVRA_CHECK(compare(entry->find("bytes"), &bytes, child_pointer(pointer, "bytes")));
  }
  return {};
}

// The plan's stores.<name>. Errors: usage, with the stores that there are.
Result<const JsonValue*> planned_store(const JsonValue& document, const std::string& name) {
  const JsonValue* stores = document.find("stores");
  if (stores == nullptr || !stores->is_object())
    return Error{ErrorCode::usage,
                 "the plan has no stores, so it says nothing of store \"" + name +
                     "\"; make one with the config of this run: cavra evidence storage-plan"};
  if (const JsonValue* store = stores->find(name)) return store;
  std::string names;
  for (const JsonMember& member : *stores->if_object())
    names += (names.empty() ? "" : ", ") + quoted(member.name, 60);
  return Error{ErrorCode::usage, "the plan has no store \"" + name + "\"; it has " +
                                     (names.empty() ? "none" : printable(names, 400))};
}

Result<void> check_is_plan(const JsonValue& document) {
  const JsonValue* version = document.find("schema_version");
  const std::string* text = version == nullptr ? nullptr : version->if_string();
  if (text != nullptr && *text == kPlanSchemaVersion) return {};
  return Error{ErrorCode::usage, "this is no storage plan: its schema_version is " +
                                     shown(version) + ", not \"" + std::string(kPlanSchemaVersion) +
                                     '"'};
}

}  // namespace

JsonValue store_plan_json(const StorePlan& plan, const BundleSummary& bundle) {
  JsonValue::Array keys;
  keys.reserve(bundle.files.size() + 1);
  for (const BundleSummary::File& file : bundle.files)
    keys.emplace_back(plan.member_key(file.path));
  keys.emplace_back(plan.manifest_key());
  return JsonValue::object({{"archive_prefix", plan.archive_prefix},
                            {"keys", std::move(keys)},
                            {"location", plan.location},
                            {"lock", plan.lock.to_json()},
                            {"plugin", plan.plugin_id},
                            {"retention", plan.retention.to_json()}});
}

JsonValue plan_bundle_json(const BundleSummary& bundle) {
  return JsonValue::object({{"created_at", bundle.manifest.created_at_text},
                            {"manifest_signature", bundle.manifest.signature_json},
                            {"signer", bundle.manifest.signer}});
}

Result<void> check_plan_document(const JsonValue& document, const StorePlan& plan,
                                 const BundleSummary& bundle) {
  CAVRA_CHECK(check_is_plan(document));
  CAVRA_TRY(const JsonValue* kept, planned_store(document, plan.store));
  const JsonValue bundle_part = plan_bundle_json(bundle);
  CAVRA_CHECK(compare(document.find("bundle"), &bundle_part, "/bundle"));
  CAVRA_CHECK(compare_files(document.find("files"), bundle));
  const JsonValue store_part = store_plan_json(plan, bundle);
  return compare(kept, &store_part, child_pointer("/stores", plan.store));
}

}  // namespace cavra
