#include <algorithm>
#include <map>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/trust_roots.hpp"
#include "trust/trust_root_checks.hpp"

namespace cavra {

namespace {

Error file_error(std::string_view where, std::string_view problem,
                 ErrorCode code = ErrorCode::corrupt) {
  return {code, printable(where) + ": " + std::string(problem)};
}

// Ids that stand more than once, sorted, each once.
std::vector<std::string> doubled_key_ids(std::span<const TrustRoot> roots) {
  std::map<std::string_view, std::size_t> counts;
  for (const TrustRoot& root : roots)
    ++counts[root.key_id];
  std::vector<std::string> doubled;
  for (const auto& [key_id, count] : counts)
    if (count > 1) doubled.emplace_back(key_id);
  return doubled;
}

std::string join_printable(const std::vector<std::string>& words) {
  constexpr std::size_t kMostShown = 10;
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < kMostShown; ++i)
    text += (i == 0 ? "" : ", ") + printable(words[i], 100);
  if (words.size() > kMostShown)
    text += " and " + std::to_string(words.size() - kMostShown) + " more";
  return text;
}

// Why these roots cannot stand together; empty where they can. A revoked root verifies nothing, so
// its purpose does not matter.
std::string find_two_purposes(std::span<const TrustRoot> roots) {
  std::map<std::array<std::byte, 32>, KeyPurpose> purposes;
  for (const TrustRoot& root : roots) {
    if (root.status == KeyStatus::revoked) continue;
    const auto [at, is_new] = purposes.emplace(root.key.raw(), root.purpose);
    if (at->second != root.purpose)
      return "the key of " + quoted(root.key_id) +
             " is listed for evidence and for receipts; use a key of its own for each";
  }
  return {};
}

Result<std::vector<TrustRoot>> read_root_bundle(const JsonValue& json, std::string_view name) {
  const std::string where = std::string(name) + "#";
  const JsonValue* product = json.find("product");
  if (product == nullptr || *product != JsonValue(trust::kProduct))
    return file_error(where + "/product", "must be the string " + quoted(trust::kProduct));
  const JsonValue* created_at = json.find("created_at");
  if (created_at == nullptr || !created_at->is_string())
    return file_error(where + "/created_at", "must be a string with an RFC 3339 time");
  if (const auto time = parse_rfc3339(*created_at->if_string()); !time)
    return file_error(where + "/created_at", time.error().message);

  const std::string roots_where = where + "/trust_roots";
  const JsonValue* list = json.find("trust_roots");
  if (list == nullptr || !list->is_array())
    return file_error(roots_where, "must be an array of trust roots");
  std::vector<TrustRoot> roots;
  roots.reserve(list->if_array()->size());
  for (const JsonValue& element : *list->if_array()) {
    CAVRA_TRY(TrustRoot root,
              TrustRoot::from_json(element, child_pointer(roots_where, roots.size())));
    roots.push_back(std::move(root));
  }
  if (roots.empty()) return file_error(roots_where, "is empty: no key would be trusted");
  if (const auto doubled = doubled_key_ids(roots); !doubled.empty())
    return file_error(roots_where, "has more than one root with the key id " +
                                       join_printable(doubled) + "; keep one for each id");
  if (const std::string why = find_two_purposes(roots); !why.empty())
    return file_error(roots_where, why);
  return roots;
}

// The root that revokes the key of `match` under another id, else `match`.
TrustRoot revoked_or(const TrustRoot& match, std::span<const TrustRoot> roots) {
  for (const TrustRoot& root : roots)
    if (root.status == KeyStatus::revoked && root.key == match.key) return root;
  return match;
}

// Why no root fits, by the nearest one that there is.
std::string why_not_there(std::string_view key_id, std::string_view fingerprint, KeyPurpose purpose,
                          const TrustRoot* same_key, const TrustRoot* same_id,
                          std::span<const TrustRoot> roots) {
  if (same_key != nullptr && same_key->purpose != purpose)
    return "has the key " + quoted(same_key->key_id) + " for purpose " +
           to_string(same_key->purpose) + " only, and a key for " + to_string(purpose) +
           " is needed";
  if (same_key != nullptr)
    return "has this key under the key id " + quoted(same_key->key_id) + ", not " + quoted(key_id);
  if (same_id != nullptr && fingerprint.empty())
    return "has the key " + quoted(key_id) + " for purpose " + to_string(same_id->purpose) +
           " only, and a key for " + to_string(purpose) + " is needed";
  if (same_id != nullptr)
    return "has another key under the key id " + quoted(key_id) + ": fingerprint " +
           same_id->key.fingerprint() + ", not " + quoted(fingerprint, 100);
  std::vector<std::string> ids;
  for (const TrustRoot& root : roots)
    ids.push_back(root.key_id);
  const std::string wanted = fingerprint.empty()
                                 ? "the key id " + quoted(key_id)
                                 : "the fingerprint " + quoted(fingerprint, 100) +
                                       (key_id.empty() ? "" : " and the key id " + quoted(key_id));
  return "has no root with " + wanted + "; it has: " + join_printable(ids);
}

}  // namespace

Result<FileTrustRoots> FileTrustRoots::load(const std::string& path, ChosenBy chosen_by) {
  CAVRA_TRY(const std::string text, read_trust_file(path, kMaxTrustRootFileBytes, chosen_by));
  return parse(text, path);
}

Result<FileTrustRoots> FileTrustRoots::parse(std::string_view text, std::string_view name) {
  // Another kind of file is the caller's mistake; only a trust root can be a wrong one.
  if (text.starts_with("-----BEGIN"))
    return file_error(name,
                      "is a PEM file, not a trust root; `cavra evidence trust-root` makes a trust "
                      "root from a public key",
                      ErrorCode::usage);
  auto json = parse_json(text);
  if (!json)
    return file_error(name, "is no trust-root file: " + json.error().message, ErrorCode::usage);

  FileTrustRoots found;
  found.name_ = std::string(name);
  const JsonValue* schema = json->find("schema_version");
  if (schema != nullptr && *schema == JsonValue(trust::kBundleSchema)) {
    CAVRA_TRY(found.roots_, read_root_bundle(*json, name));
  } else if (schema != nullptr && *schema == JsonValue(trust::kRootSchema)) {
    CAVRA_TRY(TrustRoot root, TrustRoot::from_json(*json, std::string(name) + "#"));
    found.roots_.push_back(std::move(root));
  } else {
    return file_error(std::string(name) + "#/schema_version",
                      "must be " + quoted(trust::kRootSchema) + " or " +
                          quoted(trust::kBundleSchema) + "; this is no trust-root file",
                      ErrorCode::usage);
  }
  return found;
}

Result<TrustRoot> FileTrustRoots::find(std::string_view key_id, std::string_view fingerprint,
                                       KeyPurpose purpose) const {
  const TrustRoot* match = nullptr;
  const TrustRoot* same_key = nullptr;
  const TrustRoot* same_id = nullptr;
  for (const TrustRoot& root : roots_) {
    const bool has_id = !key_id.empty() && root.key_id == key_id;
    const bool has_key = root.key.fingerprint() == fingerprint;
    if (root.status == KeyStatus::revoked && (has_id || has_key)) return root;
    const bool is_same = fingerprint.empty() ? has_id : has_key && (has_id || key_id.empty());
    if (is_same && root.purpose == purpose && match == nullptr) match = &root;
    if (has_key) same_key = &root;
    if (has_id) same_id = &root;
  }
  if (match != nullptr) return revoked_or(*match, roots_);
  return Error{ErrorCode::not_found,
               printable(name_) + ": " +
                   why_not_there(key_id, fingerprint, purpose, same_key, same_id, roots_)};
}

// The texts begin as v1's do, for those who look for them in logs.
Result<JsonValue> make_trust_root_bundle(std::span<const TrustRoot> roots,
                                         const OffsetTimestamp& created_at) {
  const auto refuse = [](std::string message) {
    return Error{ErrorCode::usage, std::move(message)};
  };
  if (const auto doubled = doubled_key_ids(roots); !doubled.empty())
    return refuse("duplicate trust-root key IDs: " + join_printable(doubled) +
                  "; give one root for each id");
  if (roots.empty()) return refuse("at least one trust root is required");
  for (const TrustRoot& root : roots)
    if (const auto problem = trust::find_root_problem(root))
      return refuse("trust root " + quoted(root.key_id) + ": " + std::string(problem->member) +
                    " " + std::string(problem->text));
  if (const std::string why = find_two_purposes(roots); !why.empty()) return refuse(why);

  std::vector<const TrustRoot*> sorted;
  for (const TrustRoot& root : roots)
    sorted.push_back(&root);
  std::ranges::sort(sorted, {}, &TrustRoot::key_id);
  JsonValue list = JsonValue::array();
  for (const TrustRoot* root : sorted)
    list.push_back(root->to_json());
  return JsonValue::object({{"schema_version", trust::kBundleSchema},
                            {"product", trust::kProduct},
                            {"created_at", format_python(created_at)},
                            {"trust_roots", std::move(list)}});
}

}  // namespace cavra
