// Percent-encoding (RFC 3986) as signatures need it: one text for one value.
//
// What is unreserved (A-Z a-z 0-9 - _ . ~) stays, every other byte becomes %XX in capitals. Pure
// functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cavra::http {

// Names and values, decoded.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::string encode_component(std::string_view text);
// The same, and '/' stays: a path as it is, without folding of "//", "." or "..".
[[nodiscard]] std::string encode_path(std::string_view path);
// Nothing where a '%' is not followed by two hex digits of either case. '+' stays a plus.
[[nodiscard]] std::optional<std::string> decode_component(std::string_view text);

}  // namespace cavra::http
