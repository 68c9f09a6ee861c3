// Dates in HTTP headers (RFC 9110, section 5.6.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cavra::http {

// "Sun, 06 Nov 1994 08:49:37 GMT" as seconds since 1970; nothing for any other form (the obsolete
// ones of RFC 850 and asctime too) and for what no calendar has: a Monday on that day neither.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);
// The same spelling. Outside of the years 1 to 9999: "@" and the seconds, which no reader takes for
// a date.
[[nodiscard]] std::string format_http_date(std::int64_t unix_s);

}  // namespace cavra::http
