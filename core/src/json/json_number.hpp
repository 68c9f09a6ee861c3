// Numbers as v1 (CPython's json) reads and writes them: integers of any size exactly, others as
// doubles that are written with the fewest digits that read back the same.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "cavra/json.hpp"

namespace cavra {

// CPython 3.11 reads no integer of more digits (sys.int_info.default_max_str_digits), so v1 does
// not: docs.python.org, "Integer string conversion length limitation".
inline constexpr std::size_t kMaxIntegerDigits = 4300;

// The value of a text that is a number by RFC 8259 section 6, or what is wrong with it.
[[nodiscard]] std::variant<JsonValue, const char*> parse_number(std::string_view text);

// As Python's repr(): "1e-05", "0.0001", "1e+16", "1.0", "-0.0". The number must be finite.
void append_double(std::string& out, double value);

}  // namespace cavra
