#include "lock_wire.hpp"

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "http/xml.hpp"

namespace cavra::s3 {

namespace {

constexpr std::string_view kNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

std::string date_text(std::int64_t unix_s) {
  return format_utc({unix_s, 0});
}

std::string_view mode_text(sdk::LockMode mode) {
  return mode == sdk::LockMode::compliance ? "COMPLIANCE" : "GOVERNANCE";
}

// What shows no lock proves none.
Error unproven(std::string message) {
  return {ErrorCode::unproven, std::move(message)};
}

Result<http::XmlDocument> parse_as(std::string_view xml, std::string_view root) {
  auto document = http::XmlDocument::parse(xml);
  if (document && document->root().name() == root) return document;
  return unproven("the service's answer is no <" + std::string(root) + ">");
}

Result<sdk::LockMode> parse_mode(std::string_view text) {
  if (text == "COMPLIANCE") return sdk::LockMode::compliance;
  if (text == "GOVERNANCE") return sdk::LockMode::governance;
  return unproven("the service shows the lock mode " + quoted(text, 40) + ": there is none such");
}

Result<bool> parse_hold(std::string_view text) {
  if (text == "ON") return true;
  if (text == "OFF") return false;
  return unproven("the service shows the legal hold " + quoted(text, 40) +
                  ": it is neither ON nor OFF");
}

Result<sdk::Lock> make_retention(std::string_view mode, std::string_view date) {
  sdk::Lock lock;
  CAVRA_TRY(lock.mode, parse_mode(mode));
  CAVRA_TRY(lock.retain_until_unix_s, parse_date(date));
  return lock;
}

}  // namespace

http::Headers lock_headers(const sdk::Lock& lock) {
  http::Headers headers;
  if (lock.retain_until_unix_s) {
    headers.add("x-amz-object-lock-mode", std::string(mode_text(lock.mode)));
    headers.add("x-amz-object-lock-retain-until-date", date_text(*lock.retain_until_unix_s));
  }
  if (lock.legal_hold) headers.add("x-amz-object-lock-legal-hold", "ON");
  return headers;
}

Result<ShownLock> shown_lock(const http::Headers& headers) {
  ShownLock shown;
  const auto mode = headers.find("x-amz-object-lock-mode");
  const auto date = headers.find("x-amz-object-lock-retain-until-date");
  if (mode && date) {
    CAVRA_TRY(shown.retention, make_retention(*mode, *date));
  }
  if (const auto hold = headers.find("x-amz-object-lock-legal-hold")) {
    CAVRA_TRY(shown.legal_hold, parse_hold(*hold));
  }
  return shown;
}

std::string retention_document(const std::optional<sdk::Lock>& lock) {
  std::string xml = "<Retention xmlns=\"" + std::string(kNamespace) + "\">";
  if (lock && lock->retain_until_unix_s) {
    xml += "<Mode>" + std::string(mode_text(lock->mode)) + "</Mode><RetainUntilDate>" +
           date_text(*lock->retain_until_unix_s) + "</RetainUntilDate>";
  }
  return xml + "</Retention>";
}

Result<sdk::Lock> parse_retention(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "Retention"));
  const http::XmlElement root = document.root();
  return make_retention(root.text_of("Mode"), root.text_of("RetainUntilDate"));
}

std::string legal_hold_document(bool is_on) {
  return "<LegalHold xmlns=\"" + std::string(kNamespace) + "\"><Status>" + (is_on ? "ON" : "OFF") +
         "</Status></LegalHold>";
}

Result<bool> parse_legal_hold(std::string_view xml) {
  CAVRA_TRY(const http::XmlDocument document, parse_as(xml, "LegalHold"));
  const http::XmlElement root = document.root();
  return parse_hold(root.text_of("Status"));
}

Result<std::int64_t> parse_date(std::string_view text) {
  // RFC 3339, but with more decimals than a record may have.
  std::string whole(text.substr(0, text.find('.')));
  if (whole.size() < text.size()) {
    const std::size_t end = text.find_first_not_of("0123456789", whole.size() + 1);
    if (end != std::string_view::npos) whole += text.substr(end);
  }
  const auto parsed = parse_rfc3339(whole);
  if (!parsed)
    return unproven("the service shows the date " + quoted(text, 60) + ", which is none");
  return parsed->at.unix_s;
}

std::string describe(const sdk::Lock& lock) {
  std::string text = lock.retain_until_unix_s ? std::string(mode_text(lock.mode)) + " until " +
                                                    date_text(*lock.retain_until_unix_s)
                                              : std::string();
  if (lock.legal_hold) text += text.empty() ? "legal hold" : ", legal hold";
  return text.empty() ? "no lock" : text;
}

}  // namespace cavra::s3
