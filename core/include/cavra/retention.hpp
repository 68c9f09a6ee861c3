// Until when evidence is kept: a pure function of signed input and configuration (invariant I3).
//
// No clock comes in, so every rerun asks for the same date. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cavra/json.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/time.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

// What an operator asked for, beside the signed policy.
struct RetentionRequest {
  std::optional<Period> period;           // --retention-days, --retention: from created_at
  std::optional<Timestamp> retain_until;  // --retain-until
  std::optional<Period> minimum;          // the config's minimum_retention: from created_at
};

struct RetentionDate {
  std::int64_t retain_until_unix_s = 0;
  // Which source gave the date: "signed policy", "requested period", "requested date", "configured
  // minimum".
  std::string source;
  bool legal_hold = false;  // the signed policy's

  std::optional<std::int64_t> signed_policy_unix_s;
  std::optional<std::int64_t> requested_unix_s;  // the later of requested period and date
  std::optional<std::int64_t> minimum_unix_s;

  // {"candidates": {"configured_minimum", "requested", "signed_policy"}, "legal_hold",
  // "retain_until", "source"} for plans and receipts; of the candidates those that there are.
  [[nodiscard]] JsonValue to_json() const;
  // What to_json() writes, and nothing else. Errors: corrupt; the message begins with the JSON
  // pointer below `value`, so that callers put theirs before it.
  [[nodiscard]] static Result<RetentionDate> from_json(const JsonValue& value);

  friend bool operator==(const RetentionDate&, const RetentionDate&) = default;
};

// The latest of all dates, rounded up to a whole second; of equal ones the first in the order of
// `source` above. Errors: refused where no source gives one; usage past year 9999, or for a period
// that is not longer than nothing.
[[nodiscard]] Result<RetentionDate> retention_date(const OffsetTimestamp& created_at,
                                                   const std::optional<RetentionPolicy>& policy,
                                                   const RetentionRequest& request);

// A date that is not after `now` is refused (refused).
[[nodiscard]] Result<void> check_not_past(const RetentionDate& date, const Timestamp& now);

}  // namespace cavra
