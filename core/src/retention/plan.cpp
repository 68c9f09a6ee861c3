#include "cavra/plan.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "retention/store_limits.hpp"

namespace cavra {
namespace {

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_probe_part(std::string_view session_id) {
  static constexpr std::string_view kProbePart = "cavra-probe";
  return std::ranges::equal(session_id, kProbePart, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
  });
}

}  // namespace

std::string session_in_key(std::string_view session_id) {
  static constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : session_id) {
    // The part "cavra-probe" is where a destructive test may delete: no session lies there.
    const bool is_reserved = text.empty() && (c == '.' || is_probe_part(session_id));
    if (is_plain(c) && !is_reserved) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  }
  return text;
}

std::string StorePlan::member_key(std::string_view member_path) const {
  return bundle_prefix + std::string(member_path);
}

std::string StorePlan::manifest_key() const {
  return bundle_prefix + "manifest.json";
}

std::string StorePlan::receipt_key(std::string_view receipt_sha256) const {
  return receipts_prefix + std::string(receipt_sha256) + ".json";
}

Result<StorePlan> make_store_plan(const BundleSummary& bundle, const std::string& store_name,
                                  const StoreDescription& store, const RetentionDate& retention) {
  StorePlan plan;
  plan.store = store_name;
  plan.plugin_id = store.plugin_id;
  plan.location = store.location;
  if (!store.key_prefix.empty()) plan.archive_prefix = store.key_prefix + "/";
  plan.archive_prefix += session_in_key(bundle.session_id) + "/";
  plan.archive_prefix += bundle.manifest_file.sha256.hex() + "/";
  plan.bundle_prefix = plan.archive_prefix + "bundle/";
  plan.receipts_prefix = plan.archive_prefix + "receipts/";
  plan.lock = {store.mode, retention.retain_until_unix_s, retention.legal_hold};
  plan.retention = retention;
  CAVRA_CHECK(detail::check_limits(plan, bundle, store));
  return plan;
}

Result<void> check_minimum_mode(const StorePlan& plan, LockMode minimum) {
  if (plan.lock.mode >= minimum) return {};
  return Error{ErrorCode::refused, "store \"" + plan.store + "\" locks in mode " +
                                       to_string(plan.lock.mode) +
                                       ", and the config's minimum_mode is " + to_string(minimum) +
                                       "; use another store, or a stronger mode in its settings"};
}

Result<void> check_store_can_hold(const StorePlan& plan, const StoreDescription& store,
                                  const Timestamp& now) {
  if (!store.longest_retention_s || !plan.lock.retain_until_unix_s) return {};
  const std::int64_t asked_s = *plan.lock.retain_until_unix_s - now.unix_s;
  if (asked_s <= *store.longest_retention_s) return {};
  constexpr std::int64_t kSecondsPerDay = 86400;
  return Error{ErrorCode::refused, "store \"" + plan.store + "\" keeps an object for at most " +
                                       std::to_string(*store.longest_retention_s / kSecondsPerDay) +
                                       " days from now, and " +
                                       format_utc({*plan.lock.retain_until_unix_s, 0}) + " is " +
                                       std::to_string(asked_s / kSecondsPerDay) + " days away (" +
                                       plan.retention.source + "); use another store"};
}

}  // namespace cavra
