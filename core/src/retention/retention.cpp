#include "cavra/retention.hpp"

#include <algorithm>
#include <vector>

#include "retention/retention_source.hpp"

namespace cavra {
namespace {

using detail::RetentionSource;

struct Candidate {
  RetentionSource source;
  std::int64_t unix_s = 0;
};

// Rounded up: a lock that ends within the last second would be too short.
Result<Candidate> candidate(const RetentionSource& source, const Timestamp& at) {
  const std::int64_t seconds = ceil_to_second(at);
  if (seconds < kMinUnixSeconds || seconds > kMaxUnixSeconds)
    return Error{ErrorCode::usage, "the date of the " + std::string(source.name) +
                                       " is not in the years 1 to 9999, so no store can hold it"};
  return Candidate{source, seconds};
}

// Calendar years are counted in the offset that created_at was written with, as v1 counts days.
Result<Candidate> candidate(const RetentionSource& source, const OffsetTimestamp& created_at,
                            const Period& period) {
  const auto refuse = [&](const std::string& problem) {
    return Error{ErrorCode::usage, "the " + std::string(source.name) + ": " + problem};
  };
  if (period == Period{}) return refuse("retention must be longer than nothing");
  const auto end = add(created_at, period);
  if (!end) return refuse(end.error().message);
  return candidate(source, end->at);
}

// In the order of kRetentionSources.
Result<std::vector<Candidate>> candidates_of(const OffsetTimestamp& created_at,
                                             const std::optional<RetentionPolicy>& policy,
                                             const RetentionRequest& request) {
  std::vector<Candidate> all;
  if (policy) {
    CAVRA_TRY(all.emplace_back(), candidate(detail::kSignedPolicy, policy->retain_until.at));
  }
  if (request.period) {
    CAVRA_TRY(all.emplace_back(), candidate(detail::kRequestedPeriod, created_at, *request.period));
  }
  if (request.retain_until) {
    CAVRA_TRY(all.emplace_back(), candidate(detail::kRequestedDate, *request.retain_until));
  }
  if (request.minimum) {
    CAVRA_TRY(all.emplace_back(),
              candidate(detail::kConfiguredMinimum, created_at, *request.minimum));
  }
  return all;
}

}  // namespace

Result<RetentionDate> retention_date(const OffsetTimestamp& created_at,
                                     const std::optional<RetentionPolicy>& policy,
                                     const RetentionRequest& request) {
  CAVRA_TRY(const auto candidates, candidates_of(created_at, policy, request));
  if (candidates.empty())
    return Error{ErrorCode::refused,
                 "nothing says until when to keep this bundle: it has no signed retention policy, "
                 "no retention was requested, and the config has no minimum_retention; give "
                 "--retention, --retention-days or --retain-until"};
  RetentionDate date;
  date.legal_hold = policy && policy->legal_hold;
  for (const auto& [source, unix_s] : candidates) {
    if (date.source.empty() || unix_s > date.retain_until_unix_s) {
      date.source = source.name;
      date.retain_until_unix_s = unix_s;
    }
    auto& kept = date.*source.candidate;
    kept = std::max(kept.value_or(unix_s), unix_s);
  }
  return date;
}

Result<void> check_not_past(const RetentionDate& date, const Timestamp& now) {
  if (Timestamp{date.retain_until_unix_s, 0} > now) return {};
  return Error{ErrorCode::refused, "the retention date " +
                                       format_utc({date.retain_until_unix_s, 0}) + " (" +
                                       date.source + ") is already past at " + format_utc(now) +
                                       ", so nothing would be locked; ask for a later one with "
                                       "--retention, --retention-days or --retain-until"};
}

}  // namespace cavra
