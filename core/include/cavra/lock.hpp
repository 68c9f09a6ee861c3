// A Lock is what keeps one object version: mode, date, legal hold.
//
// Plain values and pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

// Strongest last. The numbers are those of CAVRA_MODE_….
enum class LockMode : std::uint32_t { none = 0, advisory = 10, governance = 20, compliance = 30 };

// The word; "unknown" for a number that is none of them.
[[nodiscard]] const char* to_string(LockMode mode) noexcept;
[[nodiscard]] Result<LockMode> parse_lock_mode(std::string_view text);  // Errors: usage

// What the mode is worth, in a line for people who read a receipt: "NOT LOCKED: …" below
// governance.
[[nodiscard]] const char* strength_of(LockMode mode) noexcept;

struct Lock {
  LockMode mode = LockMode::none;
  std::optional<std::int64_t> retain_until_unix_s;  // whole seconds, UTC
  bool legal_hold = false;

  // {"legal_hold": …, "mode": …, "retain_until": "2033-05-19T12:00:01Z" or null}
  [[nodiscard]] JsonValue to_json() const;
  // What to_json() writes, and nothing else: one spelling for one lock. Errors: corrupt; the
  // message begins with the JSON pointer below `value`, so that callers put theirs before it.
  [[nodiscard]] static Result<Lock> from_json(const JsonValue& value);

  friend bool operator==(const Lock&, const Lock&) = default;
};

// Whether `have` is sufficient for `want`: mode and date at least as strong, and a hold where
// one is wanted.
[[nodiscard]] bool is_sufficient(const Lock& have, const Lock& want) noexcept;

// The weakest lock that is sufficient for both.
[[nodiscard]] Lock both(const Lock& a, const Lock& b) noexcept;

// "governance until 2033-05-19T12:00:01Z", with ", legal hold" where there is one; "no lock" and
// "legal hold only" where there is neither mode nor date.
[[nodiscard]] std::string describe(const Lock& lock);

}  // namespace cavra
