// What a plugin gives as text, numbers and flags is checked here before anybody uses it.
//
// Errors are `internal` and name the field, never its contents beyond printable(). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/lock.hpp"
#include "cavra/plugin.h"
#include "cavra/support/result.hpp"

namespace cavra::plugin {

// UTF-8 of at most `most` bytes without what a terminal obeys or a reader cannot see.
[[nodiscard]] Result<std::string> checked_text(cavra_str text, std::string_view field,
                                               std::size_t most = CAVRA_MAX_TEXT_BYTES);
// The same, of at least one byte.
[[nodiscard]] Result<std::string> required_text(cavra_str text, std::string_view field,
                                                std::size_t most = CAVRA_MAX_TEXT_BYTES);
// Text in a fixed array of `capacity` bytes.
[[nodiscard]] Result<std::string> array_text(const char* array, std::size_t capacity,
                                             std::uint32_t length, std::string_view field);

[[nodiscard]] Result<bool> checked_flag(std::uint32_t value, std::string_view field);
[[nodiscard]] Result<LockMode> checked_mode(std::uint32_t value);
// CAVRA_NO_DATE is nothing; else a second of the years 1 to 9999.
[[nodiscard]] Result<std::optional<std::int64_t>> checked_date(std::int64_t unix_s,
                                                               std::string_view field);

// A key as the host may ask for it: 1 to CAVRA_MAX_KEY_BYTES bytes of UTF-8, no part between
// slashes empty, "." or "..", no NUL. Errors: usage.
[[nodiscard]] Result<void> check_key(std::string_view key);
// A name that a listing may tell: other people's objects too, so with any parts.
[[nodiscard]] bool is_listable_key(std::string_view key);

}  // namespace cavra::plugin
