#include <limits>
#include <string>
#include <string_view>

#include "cavra/lock.hpp"
#include "cavra/storage_plan.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

// What stands between backticks: a string as it is (never cut, and without what a terminal
// obeys), a number in digits; "" where there is nothing.
std::string code(const JsonValue* value) {
  std::string text;
  if (value != nullptr) text = value->is_string() ? *value->if_string() : compact_json(*value);
  return '`' + printable(text, std::numeric_limits<std::size_t>::max()) + '`';
}

std::string code(const JsonValue& plan, std::string_view part, std::string_view name) {
  const JsonValue* values = plan.find(part);
  return code(values == nullptr ? nullptr : values->find(name));
}

// Our own part; v1's plan has none.
std::string store_line(const std::string& name, const JsonValue& store) {
  const JsonValue* lock_json = store.find("lock");
  const auto lock = Lock::from_json(lock_json == nullptr ? JsonValue() : *lock_json);
  const JsonValue* keys = store.find("keys");
  const std::size_t count =
      keys == nullptr || keys->if_array() == nullptr ? 0 : keys->if_array()->size();
  return "- `" + printable(name) + "` (" + code(store.find("plugin")) + ", " +
         code(store.find("location")) + "): " + std::to_string(count) + " objects below " +
         code(store.find("archive_prefix")) + ", " +
         (lock ? describe(*lock) : std::string("lock not readable")) + '\n';
}

std::string stores_part(const JsonValue& plan) {
  const JsonValue* stores = plan.find("stores");
  if (stores == nullptr || !stores->is_object()) return "";
  std::string text = "\n## Stores\n\n";
  for (const JsonMember& store : *stores->if_object())
    text += store_line(store.name, store.value);
  return text;
}

}  // namespace

std::string storage_plan_markdown(const JsonValue& plan) {
  std::string text = "# CAVRA Immutable Evidence Storage Plan\n\n";
  text += "Retention mode: " + code(plan, "retention", "mode") + '\n';
  text += "Retention days: " + code(plan, "retention", "retention_days") + '\n';

  text += "\n## S3 Object Lock\n\n";
  text += "- Bucket: " + code(plan, "s3_object_lock", "bucket") + '\n';
  text += "- Prefix: " + code(plan, "s3_object_lock", "prefix") + '\n';
  text += "- Object Lock: enabled\n- Versioning: required\n- KMS encryption: required\n";
  text += "- Deployment reference: " + code(plan, "s3_object_lock", "deployment_reference") + '\n';

  text += "\n## Azure Immutable Blob\n\n";
  text += "- Account: " + code(plan, "azure_immutable_blob", "account") + '\n';
  text += "- Container: " + code(plan, "azure_immutable_blob", "container") + '\n';
  text += "- Blob versioning: required\n- Infrastructure encryption: required\n";
  text += "- Deployment reference: " + code(plan, "azure_immutable_blob", "deployment_reference") +
          '\n';

  text += "\n## Files\n\n";
  const JsonValue* files = plan.find("files");
  if (files != nullptr && files->is_array()) {
    for (const JsonValue& file : *files->if_array())
      text += "- " + code(file.find("path")) + ' ' + code(file.find("sha256")) + '\n';
  }
  return text + stores_part(plan);
}

}  // namespace cavra
