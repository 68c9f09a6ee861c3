#include "plugin/answers.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "cavra/abi_struct.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "plugin/foreign_text.hpp"

namespace cavra::plugin {

namespace {

constexpr std::uint32_t kMaxRights = 256;
constexpr std::size_t kMaxPrefixBytes = 512;

Error rubbish(std::string what) {
  return {ErrorCode::internal, std::move(what)};
}

Result<Right> read_right(const cavra_right* given) {
  if (given == nullptr) return rubbish("rights has a hole");
  const cavra_right right = abi::receive(*given);
  Right read;
  CAVRA_TRY(read.name, required_text(right.name, "the name of a right"));
  CAVRA_TRY(read.needed_for, checked_text(right.needed_for, "needed_for"));
  CAVRA_TRY(read.reason, checked_text(right.reason, "the reason of a right"));
  return read;
}

Result<std::vector<Right>> read_rights(const cavra_store_info& info) {
  if (info.rights_count > kMaxRights)
    return rubbish("rights_count is " + std::to_string(info.rights_count));
  if (info.rights_count > 0 && info.rights == nullptr) return rubbish("rights is null");
  std::vector<Right> rights;
  for (const cavra_right* right : std::span(info.rights, info.rights_count)) {
    CAVRA_TRY(Right read, read_right(right));
    rights.push_back(std::move(read));
  }
  return rights;
}

Result<std::string> read_key_prefix(cavra_str text) {
  CAVRA_TRY(std::string prefix, checked_text(text, "key_prefix", kMaxPrefixBytes));
  if (!prefix.empty() && !check_key(prefix))
    return rubbish("key_prefix " + quoted(prefix, 200) + " cannot begin a key");
  return prefix;
}

Result<void> read_limits(const cavra_store_info& info, StoreDescription& store) {
  store.max_key_part_bytes = info.max_key_part_bytes;
  store.max_key_bytes = info.max_key_bytes == 0
                            ? CAVRA_MAX_KEY_BYTES
                            : std::min<std::uint32_t>(info.max_key_bytes, CAVRA_MAX_KEY_BYTES);
  CAVRA_TRY(store.last_retain_until_unix_s,
            checked_date(info.last_retain_until_unix_s, "last_retain_until_unix_s"));
  if (info.longest_retention_s < 0) return rubbish("longest_retention_s is negative");
  if (info.longest_retention_s > 0) store.longest_retention_s = info.longest_retention_s;
  if (info.largest_object_bytes > 0) store.largest_object_bytes = info.largest_object_bytes;
  return {};
}

Result<std::optional<bool>> read_latest(std::uint32_t value) {
  if (value == CAVRA_LATEST_UNKNOWN) return std::optional<bool>();
  if (value > 1) return rubbish("is_latest is " + std::to_string(value) + ", none of 0, 1 and 2");
  return std::optional(value == 1);
}

bool is_known(cavra_status status) {
  switch (status) {
    case CAVRA_E_CORRUPT:
    case CAVRA_E_USAGE:
    case CAVRA_E_UNSUPPORTED:
    case CAVRA_E_IO:
    case CAVRA_E_TIMEOUT:
    case CAVRA_E_UNAVAILABLE:
    case CAVRA_E_INTERNAL:
    case CAVRA_E_REFUSED:
    case CAVRA_E_CONFLICT:
    case CAVRA_E_FORBIDDEN:
    case CAVRA_E_UNPROVEN:
    case CAVRA_E_CANCELLED:
    case CAVRA_E_NOT_FOUND:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<StoreDescription> read_store_info(const cavra_store_info& info) {
  StoreDescription store;
  CAVRA_TRY(store.location, required_text(info.location, "location"));
  CAVRA_TRY(store.identity, checked_text(info.identity, "identity"));
  CAVRA_TRY(store.key_prefix, read_key_prefix(info.key_prefix));
  CAVRA_TRY(store.mode, checked_mode(info.mode));
  CAVRA_TRY(store.strength, checked_text(info.strength, "strength"));
  CAVRA_TRY(store.rights, read_rights(info));
  CAVRA_CHECK(read_limits(info, store));
  store.has_versions = (info.flags & CAVRA_STORE_HAS_VERSIONS) != 0;
  store.has_legal_hold = (info.flags & CAVRA_STORE_HAS_LEGAL_HOLD) != 0;
  store.sessions_wanted = info.sessions_wanted;
  store.checks_sha256 = (info.flags & CAVRA_STORE_CHECKS_SHA256) != 0;
  store.has_no_dot_ends = (info.flags & CAVRA_STORE_NO_DOT_ENDS) != 0;
  return store;
}

Result<PutResult> read_put_result(const cavra_put_result& result) {
  PutResult read;
  if (result.outcome != CAVRA_PUT_CREATED && result.outcome != CAVRA_PUT_ALREADY_PRESENT)
    return rubbish("outcome " + std::to_string(result.outcome) + " does not exist");
  read.is_created = result.outcome == CAVRA_PUT_CREATED;
  CAVRA_TRY(read.is_digest_checked, checked_flag(result.digest_checked, "digest_checked"));
  CAVRA_TRY(read.version,
            array_text(result.version, sizeof(result.version), result.version_len, "version"));
  return read;
}

Result<ObjectInfo> read_object_info(const cavra_object_info& info) {
  ObjectInfo read;
  CAVRA_TRY(read.version,
            array_text(info.version, sizeof(info.version), info.version_len, "version"));
  read.length = info.length;
  CAVRA_TRY(const bool has_sha256, checked_flag(info.has_sha256, "has_sha256"));
  if (has_sha256) {
    read.sha256.emplace().size = sizeof(info.sha256);
    std::memcpy(read.sha256->bytes.data(), info.sha256, sizeof(info.sha256));
  }
  CAVRA_TRY(read.stored_at_unix_s, checked_date(info.stored_at_unix_s, "stored_at_unix_s"));
  CAVRA_TRY(read.lock.mode, checked_mode(info.mode));
  CAVRA_TRY(read.lock.retain_until_unix_s,
            checked_date(info.retain_until_unix_s, "retain_until_unix_s"));
  CAVRA_TRY(read.lock.legal_hold, checked_flag(info.legal_hold, "legal_hold"));
  CAVRA_TRY(read.is_latest, read_latest(info.is_latest));
  CAVRA_TRY(read.is_complete, checked_flag(info.is_complete, "is_complete"));
  return read;
}

Result<ListEntry> read_list_entry(const cavra_list_entry* given) {
  if (given == nullptr) return rubbish("told a null entry");
  const cavra_list_entry entry = abi::receive(*given);
  ListEntry read;
  switch (entry.kind) {
    case CAVRA_ENTRY_OBJECT:
      read.kind = ListEntry::Kind::object;
      break;
    case CAVRA_ENTRY_DELETE_MARKER:
      read.kind = ListEntry::Kind::delete_marker;
      break;
    case CAVRA_ENTRY_INCOMPLETE_UPLOAD:
      read.kind = ListEntry::Kind::incomplete_upload;
      break;
    default:
      return rubbish("kind " + std::to_string(entry.kind) + " does not exist");
  }
  const std::string_view key = abi::view(entry.key);
  if (key.size() > CAVRA_MAX_KEY_BYTES)
    return rubbish("key has " + std::to_string(key.size()) + " bytes");
  if (!is_listable_key(key)) return rubbish("key " + quoted(key, 200) + " is no key");
  read.key = key;
  CAVRA_TRY(read.version, checked_text(entry.version, "version", CAVRA_MAX_VERSION_BYTES));
  read.length = entry.length;
  CAVRA_TRY(read.stored_at_unix_s, checked_date(entry.stored_at_unix_s, "stored_at_unix_s"));
  CAVRA_TRY(read.is_latest, checked_flag(entry.is_latest, "is_latest"));
  return read;
}

Result<ProbeItem> read_probe_item(const cavra_probe_item* given) {
  if (given == nullptr) return rubbish("told a null item");
  const cavra_probe_item item = abi::receive(*given);
  ProbeItem read;
  switch (item.verdict) {
    case CAVRA_PROBE_OK:
      read.verdict = ProbeItem::Verdict::ok;
      break;
    case CAVRA_PROBE_MISSING:
      read.verdict = ProbeItem::Verdict::missing;
      break;
    case CAVRA_PROBE_EXCESS:
      read.verdict = ProbeItem::Verdict::excess;
      break;
    case CAVRA_PROBE_UNKNOWN:
      read.verdict = ProbeItem::Verdict::unknown;
      break;
    case CAVRA_PROBE_NOTE:
      read.verdict = ProbeItem::Verdict::note;
      break;
    default:
      return rubbish("verdict " + std::to_string(item.verdict) + " does not exist");
  }
  CAVRA_TRY(read.name, required_text(item.name, "the name of an item"));
  CAVRA_TRY(read.message, checked_text(item.message, "the message of an item"));
  if (item.least_retention_s < 0 || item.least_retention_s > kMaxUnixSeconds)
    return rubbish("least_retention_s is " + std::to_string(item.least_retention_s));
  read.least_retention_s = item.least_retention_s;
  return read;
}

Error read_failure(cavra_status status, const cavra_error& error) {
  if (!is_known(status))
    return {ErrorCode::internal,
            "answers with status " + std::to_string(status) + ", which does not exist"};
  const std::size_t length = std::min<std::size_t>(error.message_len, sizeof(error.message));
  std::string message = printable({error.message, length}, sizeof(error.message) * 2);
  const ErrorCode code{status};
  if (message.empty()) message = std::string(to_string(code)) + ", and the plugin does not say why";
  return {code, std::move(message), error.retryable == 1};
}

}  // namespace cavra::plugin
