// A plan document that was kept and is given back, and the small records that it is made of.
#include "cavra/plan.hpp"

#include <optional>

#include "cavra/storage_plan.hpp"
#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

BundleSummary bundle() {
  const Digest digest = sha256("member");
  BundleSummary made;
  made.manifest.created_at_text = "2026-05-21T12:00:00+00:00";
  made.manifest.created_at = *parse_rfc3339(made.manifest.created_at_text);
  made.manifest.signer = "Zoë";
  made.manifest.signature_json = JsonValue::object({{"algorithm", "Ed25519"}, {"key_id", "k1"}});
  made.files = {{"evidence.json", digest, 10}, {"attachments/log.txt", digest, 20}};
  made.manifest_file = {"manifest.json", digest, 300};
  made.session_id = "session-17";
  return made;
}

StorePlan plan() {
  StoreDescription store;
  store.plugin_id = "org.example.store";
  store.location = "example:bucket";
  store.key_prefix = "evidence";
  store.mode = LockMode::compliance;
  RetentionDate date;
  date.retain_until_unix_s = 2'000'000'001;
  date.source = "signed policy";
  date.signed_policy_unix_s = date.retain_until_unix_s;
  return *make_store_plan(bundle(), "vault", store, date);
}

JsonValue document() {
  return *make_storage_plan(bundle(), {}, {{"vault", store_plan_json(plan(), bundle())}});
}

const JsonValue* at(const JsonValue& value, std::initializer_list<std::string_view> names) {
  const JsonValue* found = &value;
  for (const std::string_view name : names)
    found = found == nullptr ? nullptr : found->find(name);
  return found;
}

// What must be as it was planned, whatever else the document says.
void require_same(const JsonValue& given, const JsonValue& planned) {
  for (const auto& names :
       {std::initializer_list<std::string_view>{"bundle"}, {"stores", "vault"}}) {
    const JsonValue* kept = at(given, names);
    require(kept != nullptr && *kept == *at(planned, names), "a plan that is taken is this plan");
  }
  const JsonValue* files = given.find("files");
  require(files != nullptr && files->is_array(), "a plan has files");
  const JsonValue::Array& wanted = *planned.find("files")->if_array();
  require(files->if_array()->size() == wanted.size(), "of the same number");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    for (const char* name : {"path", "sha256", "bytes"}) {
      const JsonValue* kept = (*files->if_array())[i].find(name);
      require(kept != nullptr && *kept == *wanted[i].find(name), "and the same files");
    }
  }
}

template <class Record>
void check_record(const JsonValue& value) {
  const auto record = Record::from_json(value);
  if (!record) return require_fine(record.error());
  require(record->to_json() == value, "a record has one spelling");
}

}  // namespace

void fuzz_plan(std::string_view bytes) {
  static const BundleSummary planned_bundle = bundle();
  static const StorePlan planned = plan();
  static const JsonValue planned_document = document();
  const auto value = parse_json(bytes);
  if (!value) return;
  check_record<Lock>(*value);
  check_record<RetentionDate>(*value);
  const auto taken = check_plan_document(*value, planned, planned_bundle);
  if (taken)
    require_same(*value, planned_document);
  else
    require_fine(taken.error());
}

std::vector<std::string> seed_plan() {
  return {pretty_json(document()), compact_json(plan().lock.to_json()),
          compact_json(plan().retention.to_json())};
}

}  // namespace cavra::fuzz
