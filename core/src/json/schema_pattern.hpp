// The regular expressions that a schema may have: those that RapidJSON 1.1 judges right, quickly.
//
// Its engine (rapidjson/internal/regex.h) has no \d and no (?:…), takes ^ and $ for the whole
// pattern wherever they stand, recurses without end on (a*)*, and misses an empty match unless
// both ends are anchored. Accepted here, and enough for names, dates and the like:
//
//   pattern  = ["^"] alternatives ["$"]       "|" outside of groups only without ^ and $
//   element  = (character | "." | class | group | escape) [* + ? {n} {n,} {n,m}]
//   escape   = \ before one of ^ $ | ( ) ? * + . [ ] { } \ f n r t v
//
// What may be empty (a*, a?) must not be repeated or stand alone between bars, nor be the whole
// pattern without ^ and $.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cavra {

inline constexpr std::size_t kMaxPatternBytes = 256;

// Why the pattern cannot be used, or nothing.
[[nodiscard]] std::optional<std::string> pattern_problem(std::string_view pattern);

}  // namespace cavra
