#include "cavra/lock.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "retention/record_reader.hpp"

namespace cavra {
namespace {

struct ModeWord {
  LockMode mode;
  const char* word;
};
constexpr std::array kModeWords{
    ModeWord{LockMode::none, "none"},
    ModeWord{LockMode::advisory, "advisory"},
    ModeWord{LockMode::governance, "governance"},
    ModeWord{LockMode::compliance, "compliance"},
};

}  // namespace

const char* to_string(LockMode mode) noexcept {
  const auto found = std::ranges::find(kModeWords, mode, &ModeWord::mode);
  return found == kModeWords.end() ? "unknown" : found->word;
}

const char* strength_of(LockMode mode) noexcept {
  if (mode >= LockMode::compliance) return "locked: nobody can lift it before its date";
  if (mode >= LockMode::governance)
    return "locked: only who has the store's own privilege for it can lift it before its date";
  if (mode >= LockMode::advisory) return "NOT LOCKED: the store only asks to be left alone";
  return "NOT LOCKED: nothing keeps it";
}

Result<LockMode> parse_lock_mode(std::string_view text) {
  std::string words;
  for (const auto& [mode, word] : kModeWords) {
    if (text == word) return mode;
    words += words.empty() ? word : std::string(", ") + word;
  }
  return Error{ErrorCode::usage, "the mode " + quoted(text, 60) + " is not one of " + words};
}

JsonValue Lock::to_json() const {
  JsonValue retain_until;
  if (retain_until_unix_s) retain_until = format_utc({*retain_until_unix_s, 0});
  return JsonValue::object({{"legal_hold", legal_hold},
                            {"mode", to_string(mode)},
                            {"retain_until", std::move(retain_until)}});
}

Result<Lock> Lock::from_json(const JsonValue& value) {
  static constexpr std::array<std::string_view, 3> kNames{"legal_hold", "mode", "retain_until"};
  CAVRA_CHECK(detail::check_members(value, kNames));
  Lock lock;
  CAVRA_TRY(lock.legal_hold, detail::read_bool(value, "legal_hold"));
  CAVRA_TRY(const std::string word, detail::read_text(value, "mode"));
  const auto mode = parse_lock_mode(word);
  if (!mode) return detail::corrupt_at("/mode", mode.error().message);
  lock.mode = *mode;
  if (const JsonValue* date = value.find("retain_until"); date != nullptr && !date->is_null()) {
    CAVRA_TRY(lock.retain_until_unix_s, detail::read_date(value, "retain_until"));
  } else if (date == nullptr) {
    return detail::corrupt_at("/retain_until", "it is missing");
  }
  return lock;
}

bool is_sufficient(const Lock& have, const Lock& want) noexcept {
  if (have.mode < want.mode) return false;
  if (want.legal_hold && !have.legal_hold) return false;
  if (!want.retain_until_unix_s) return true;
  return have.retain_until_unix_s && *have.retain_until_unix_s >= *want.retain_until_unix_s;
}

Lock both(const Lock& a, const Lock& b) noexcept {
  return {std::max(a.mode, b.mode), std::max(a.retain_until_unix_s, b.retain_until_unix_s),
          a.legal_hold || b.legal_hold};
}

std::string describe(const Lock& lock) {
  const bool is_bare = lock.mode == LockMode::none && !lock.retain_until_unix_s;
  if (is_bare) return lock.legal_hold ? "legal hold only" : "no lock";
  std::string text = to_string(lock.mode);
  text += lock.retain_until_unix_s ? " until " + format_utc({*lock.retain_until_unix_s, 0})
                                   : std::string(" without a date");
  return lock.legal_hold ? text + ", legal hold" : text;
}

}  // namespace cavra
