#include "retention_options.hpp"

namespace cavra::cli {

std::vector<Option> retention_options() {
  return {
      {"retention-days", Option::Kind::value, "N",
       "Keep at least N days from the bundle's created_at", ""},
      {"retention", Option::Kind::value, "PERIOD", "The same as a period: 2555d, 7y, P7Y", ""},
      {"retain-until", Option::Kind::value, "TIME", "Keep at least until then (RFC 3339 with zone)",
       ""},
  };
}

Result<RetentionRequest> retention_request(const Arguments& arguments,
                                           const std::optional<Period>& minimum) {
  if (arguments.has("retention-days") + arguments.has("retention") + arguments.has("retain-until") >
      1)
    return Error{ErrorCode::usage, "use one of --retention-days, --retention and --retain-until"};
  RetentionRequest request;
  request.minimum = minimum;
  if (arguments.has("retention-days")) {
    CAVRA_TRY(const auto days, arguments.integer("retention-days", 1, kMaxRetentionDays));
    request.period = Period{0, 0, static_cast<std::int32_t>(days)};
  }
  if (arguments.has("retention")) {
    CAVRA_TRY(request.period, parse_period(arguments.text("retention")));
  }
  if (arguments.has("retain-until")) {
    CAVRA_TRY(const OffsetTimestamp until, parse_rfc3339(arguments.text("retain-until")));
    request.retain_until = until.at;
  }
  return request;
}

}  // namespace cavra::cli
