#include "policy_wire.hpp"

#include "cavra/support/encoding.hpp"
#include "http/http_date.hpp"

namespace cavra::azure {

http::Headers policy_headers(const sdk::Lock& lock, PolicyMode mode) {
  http::Headers headers;
  if (lock.retain_until_unix_s) {
    headers.add(std::string(kUntilHeader), http::format_http_date(*lock.retain_until_unix_s));
    headers.add(std::string(kModeHeader), mode == PolicyMode::locked ? "locked" : "unlocked");
  }
  return headers;
}

Result<sdk::Lock> parse_policy(std::string_view until, std::string_view mode,
                               std::string_view hold) {
  const auto strange = [](std::string_view what, std::string_view text) {
    return Error{ErrorCode::unproven, "the service shows a lock that nobody can read: " +
                                          std::string(what) + " " + quoted(text, 60)};
  };
  sdk::Lock lock;
  lock.mode = sdk::LockMode::none;
  const std::string hold_word = http::lower_case(hold);
  if (!hold.empty() && hold_word != "true" && hold_word != "false")
    return strange("a legal hold of", hold);
  lock.legal_hold = hold_word == "true";
  if (until.empty() && mode.empty()) return lock;
  const auto date = http::parse_http_date(until);
  if (!date) return strange("until", until);
  const std::string word = http::lower_case(mode);
  if (word != "locked" && word != "unlocked") return strange("mode", mode);
  lock.mode = word == "locked" ? sdk::LockMode::compliance : sdk::LockMode::governance;
  lock.retain_until_unix_s = date;
  return lock;
}

Result<sdk::Lock> lock_of(const http::Headers& headers) {
  return parse_policy(headers.get(kUntilHeader), headers.get(kModeHeader),
                      headers.get(kHoldHeader));
}

}  // namespace cavra::azure
