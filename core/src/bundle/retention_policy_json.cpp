#include "bundle/retention_policy_json.hpp"

#include <limits>

#include "bundle/member_path.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

constexpr std::string_view kSchema = "cavra.evidence.retention.v1";

std::string_view disposition(bool legal_hold) {
  return legal_hold ? "retain" : "eligible_for_review_after_retain_until";
}

std::string describe(const JsonValue& value) {
  if (const std::string* text = value.if_string()) return quoted(*text, 100);
  return std::string("of type ") + value.type_name();
}

class Reader {
 public:
  Reader(const JsonValue& document, const RetentionContext& context, Findings& findings)
      : document_(document), context_(context), findings_(findings) {}

  RetentionPolicy read() {
    require_text("schema_version", kSchema, "retention.schema");
    require_text("product", "CAVRA", "retention.product");
    if (!context_.session_id.empty())
      require_text("session_id", context_.session_id, "retention.session_id");
    if (!context_.created_at_text.empty())
      require_text("created_at", context_.created_at_text, "retention.created_at");
    RetentionPolicy policy;
    if (const std::string* text = if_text("classification")) {
      policy.classification = *text;
    } else {
      add("retention.classification", "classification", "must be a text");
    }
    read_hold(policy);
    read_days(policy);
    return policy;
  }

 private:
  void add(const char* code, std::string_view member, const std::string& problem) {
    findings_.push_back({code, std::string(kRetentionName) + '#' + child_pointer("", member),
                         "retention-policy.json: " + quoted(member) + ' ' + problem +
                             "; get the bundle as its signer made it"});
  }

  const std::string* if_text(std::string_view name) const {
    const JsonValue* member = document_.find(name);
    return member == nullptr ? nullptr : member->if_string();
  }

  void require_text(std::string_view name, std::string_view wanted, const char* code) {
    const JsonValue* member = document_.find(name);
    if (member == nullptr) return add(code, name, "is missing");
    if (member->if_string() == nullptr || *member->if_string() != wanted)
      add(code, name, "must be " + quoted(wanted) + ", and is " + describe(*member));
  }

  void read_hold(RetentionPolicy& policy) {
    const JsonValue* protection = document_.find("delete_protection");
    const bool* is_protected = protection == nullptr ? nullptr : protection->if_bool();
    if (is_protected == nullptr || !*is_protected)
      add("retention.delete_protection", "delete_protection", "must be true");
    const JsonValue* hold = document_.find("legal_hold");
    if (hold == nullptr || hold->if_bool() == nullptr)
      return add("retention.legal_hold", "legal_hold", "must be true or false");
    policy.legal_hold = *hold->if_bool();
    require_text("disposition", disposition(policy.legal_hold), "retention.disposition");
  }

  void read_days(RetentionPolicy& policy) {
    const JsonValue* member = document_.find("retention_days");
    const std::int64_t* days = member == nullptr ? nullptr : member->if_integer();
    if (days == nullptr || *days < 1)
      return add("retention.days", "retention_days", "must be an integer from 1 up");
    policy.retention_days = *days;
    const std::string* text = if_text("retain_until");
    const auto found = text == nullptr ? Result<OffsetTimestamp>(Error{}) : parse_rfc3339(*text);
    if (!found) {
      return add("retention.retain_until", "retain_until", "must be an RFC 3339 time with a zone");
    }
    policy.retain_until = *found;
    if (context_.created_at_text.empty()) return;
    const auto wanted = retain_until(context_.created_at, *days);
    if (!wanted) return add("retention.retain_until", "retention_days", wanted.error().message);
    // In v1's spelling: the same offset, and nanoseconds cut, as v1 computes.
    if (format_python(*found) != format_python(*wanted))
      add("retention.retain_until", "retain_until",
          "must be created_at + " + std::to_string(*days) + " days, " + format_python(*wanted) +
              ", and is " + quoted(*text, 100));
  }

  const JsonValue& document_;
  const RetentionContext& context_;
  Findings& findings_;
};

}  // namespace

std::optional<RetentionPolicy> read_retention_policy(std::string_view text,
                                                     const RetentionContext& context,
                                                     Findings& findings) {
  const auto document = parse_json(text);
  if (!document || !document->is_object()) {
    findings.push_back({"retention.syntax", std::string(kRetentionName),
                        "retention-policy.json cannot be parsed: " +
                            (document ? "it is no object" : document.error().message) +
                            "; get the bundle as its signer made it"});
    return std::nullopt;
  }
  const std::size_t before = findings.size();
  RetentionPolicy policy = Reader(*document, context, findings).read();
  if (findings.size() != before) return std::nullopt;
  return policy;
}

Result<OffsetTimestamp> retain_until(const OffsetTimestamp& created_at,
                                     std::int64_t retention_days) {
  if (retention_days < 1)
    return Error{ErrorCode::usage, "the retention days must be at least 1, and are " +
                                       std::to_string(retention_days)};
  if (retention_days > std::numeric_limits<std::int32_t>::max())
    return Error{ErrorCode::usage, "the end of retention, " + std::to_string(retention_days) +
                                       " days after created_at, is past year 9999"};
  return add(created_at, Period{.days = static_cast<std::int32_t>(retention_days)});
}

JsonValue retention_policy_json(const RetentionPolicy& policy, const RetentionContext& context) {
  return JsonValue::object({{"schema_version", kSchema},
                            {"product", "CAVRA"},
                            {"session_id", context.session_id},
                            {"classification", policy.classification},
                            {"created_at", context.created_at_text},
                            {"retention_days", policy.retention_days},
                            {"retain_until", format_python(policy.retain_until)},
                            {"legal_hold", policy.legal_hold},
                            {"delete_protection", true},
                            {"disposition", disposition(policy.legal_hold)}});
}

}  // namespace cavra
