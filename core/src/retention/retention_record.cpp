// How a RetentionDate came about, as plans and receipts keep it.
#include <algorithm>
#include <array>
#include <string_view>

#include "cavra/retention.hpp"
#include "cavra/support/encoding.hpp"
#include "retention/record_reader.hpp"
#include "retention/retention_source.hpp"

namespace cavra {
namespace {

// A member of "candidates", and the date that it holds.
struct CandidateMember {
  std::string_view name;
  std::optional<std::int64_t> RetentionDate::* candidate;
};
constexpr std::array kCandidateMembers{
    CandidateMember{"configured_minimum", &RetentionDate::minimum_unix_s},
    CandidateMember{"requested", &RetentionDate::requested_unix_s},
    CandidateMember{"signed_policy", &RetentionDate::signed_policy_unix_s},
};

// Puts the pointer of the object that the error is in before it.
Error below(std::string_view pointer, const Error& error) {
  const bool has_place = error.message.starts_with('/');
  return {error.code, std::string(pointer) + (has_place ? "" : ": ") + error.message};
}

Result<void> read_candidates(const JsonValue& candidates, RetentionDate& date) {
  static constexpr std::array kNames{kCandidateMembers[0].name, kCandidateMembers[1].name,
                                     kCandidateMembers[2].name};
  CAVRA_CHECK(detail::check_members(candidates, kNames));
  for (const auto& [name, candidate] : kCandidateMembers) {
    if (candidates.find(name) == nullptr) continue;
    CAVRA_TRY(date.*candidate, detail::read_date(candidates, name));
  }
  return {};
}

// The date is the latest of the candidates, and its source gave it.
Result<void> check_sum(const RetentionDate& date) {
  for (const auto& [name, candidate] : kCandidateMembers) {
    if (date.*candidate > date.retain_until_unix_s)
      return detail::corrupt_at("/retain_until", "it is before the candidate " + std::string(name));
  }
  const auto source =
      std::ranges::find(detail::kRetentionSources, date.source, &detail::RetentionSource::name);
  if (source == detail::kRetentionSources.end())
    return detail::corrupt_at("/source", quoted(date.source, 60) + " is no source of a date");
  if (date.*source->candidate != date.retain_until_unix_s)
    return detail::corrupt_at("/source", "the " + date.source + " did not give this date");
  return {};
}

}  // namespace

JsonValue RetentionDate::to_json() const {
  JsonValue candidates = JsonValue::object();
  for (const auto& [name, candidate] : kCandidateMembers) {
    if (const auto& unix_s = this->*candidate)
      candidates.set(std::string(name), format_utc({*unix_s, 0}));
  }
  return JsonValue::object({{"candidates", std::move(candidates)},
                            {"legal_hold", legal_hold},
                            {"retain_until", format_utc({retain_until_unix_s, 0})},
                            {"source", source}});
}

Result<RetentionDate> RetentionDate::from_json(const JsonValue& value) {
  static constexpr std::array<std::string_view, 4> kNames{"candidates", "legal_hold",
                                                          "retain_until", "source"};
  CAVRA_CHECK(detail::check_members(value, kNames));
  RetentionDate date;
  const JsonValue* candidates = value.find("candidates");
  if (candidates == nullptr) return detail::corrupt_at("/candidates", "it is missing");
  if (const auto read = read_candidates(*candidates, date); !read)
    return below("/candidates", read.error());
  CAVRA_TRY(date.legal_hold, detail::read_bool(value, "legal_hold"));
  CAVRA_TRY(date.retain_until_unix_s, detail::read_date(value, "retain_until"));
  CAVRA_TRY(date.source, detail::read_text(value, "source"));
  CAVRA_CHECK(check_sum(date));
  return date;
}

}  // namespace cavra
