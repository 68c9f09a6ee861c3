#include "raise_lock.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/lock.hpp"
#include "http/digest.hpp"
#include "own_version.hpp"

namespace cavra::s3 {

namespace {

// Ceph keeps 32 bits: one second later is 1970, and the object can be deleted.
constexpr std::int64_t kLast32BitDate = (std::int64_t{1} << 32) - 1;

// A small document, with the checksum that AWS demands of all that changes locks.
Result<http::Response> put_document(const Asking& ask, std::string_view doing,
                                    std::string_view action, std::string_view key,
                                    std::string_view version, std::string_view subresource,
                                    const std::string& xml) {
  http::TextBody body(xml);
  const auto digest = http::sha256(as_bytes(xml));
  QueryParameters query{{std::string(subresource), ""}};
  if (!version.empty()) query.emplace_back("versionId", version);
  return ask({.doing = doing,
              .action = action,
              .method = "PUT",
              .key = std::string(key),
              .query = std::move(query),
              .headers = {{"content-type", "application/xml"},
                          {"x-amz-sdk-checksum-algorithm", "SHA256"},
                          {"x-amz-checksum-sha256", to_base64(digest)}},
              .body = &body,
              .payload_sha256 = to_hex(digest)});
}

}  // namespace

std::int64_t last_date(const S3Address& address) {
  return address.is_aws() ? kMaxUnixSeconds : kLast32BitDate;
}

Result<void> check_date(const S3Address& address, const sdk::Lock& lock) {
  if (!lock.retain_until_unix_s || *lock.retain_until_unix_s <= last_date(address)) return {};
  return Error{ErrorCode::refused,
               "a lock until " + format_utc({*lock.retain_until_unix_s, 0}) +
                   " is not asked of this server: servers other than AWS may keep no date after " +
                   format_utc({kLast32BitDate, 0}) + ", and take it for one in the past"};
}

Result<void> put_retention(const Asking& ask, std::string_view key, std::string_view version,
                           const std::optional<sdk::Lock>& lock) {
  CAVRA_TRY([[maybe_unused]] const http::Response response,
            put_document(ask, "set the retention of", "s3:PutObjectRetention", key, version,
                         "retention", retention_document(lock)));
  return {};
}

Result<void> put_legal_hold(const Asking& ask, std::string_view key, std::string_view version,
                            bool is_on) {
  CAVRA_TRY([[maybe_unused]] const http::Response response,
            put_document(ask, is_on ? "set the legal hold of" : "clear the legal hold of",
                         "s3:PutObjectLegalHold", key, version, "legal-hold",
                         legal_hold_document(is_on)));
  return {};
}

Result<void> raise_lock(const Asking& ask, std::string_view key, std::string_view version,
                        const sdk::Lock& wanted) {
  CAVRA_CHECK(check_date(ask.service.address(), wanted));
  CAVRA_TRY(const ShownVersion shown, head_version(ask, key, version));
  CAVRA_TRY(const sdk::Lock now, lock_of(ask, key, shown));
  sdk::Lock retention = wanted;
  retention.legal_hold = false;
  if (wanted.retain_until_unix_s && !cloud::is_sufficient(now, retention)) {
    retention.mode = std::max(now.mode, wanted.mode);
    retention.retain_until_unix_s =
        std::max(*wanted.retain_until_unix_s, now.retain_until_unix_s.value_or(0));
    if (auto raised = put_retention(ask, key, shown.version, retention); !raised) {
      Error error = std::move(raised).error();
      if (error.code == ErrorCode::forbidden && now.mode == sdk::LockMode::governance)
        error.message += "; from " + describe(now) + " to " + describe(retention) +
                         " some servers want s3:BypassGovernanceRetention and a header that this "
                         "program never sends";
      return error;
    }
  }
  if (wanted.legal_hold && !now.legal_hold) return put_legal_hold(ask, key, shown.version, true);
  return {};
}

}  // namespace cavra::s3
