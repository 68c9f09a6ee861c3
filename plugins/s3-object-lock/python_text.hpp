// Lines and spaces as Python's str has them: AWS's files mean what botocore reads in them, and
// botocore reads with Python's configparser.
//
// Texts are well-formed UTF-8. Views lend from the texts given. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cavra::s3 {

// Cuts the first line off and gives it without its end. Of a file: LF, CRLF and CR end one.
[[nodiscard]] std::string_view take_line(std::string_view& rest);
// The same by str.splitlines(): also VT, FF, FS, GS, RS, NEL, and Unicode's two separators.
[[nodiscard]] std::string_view take_split_line(std::string_view& rest);

// Without spaces at both ends: Unicode's, and the control characters that Python counts as such.
[[nodiscard]] std::string_view trim(std::string_view text);
// The number of characters in the spaces at the start.
[[nodiscard]] std::size_t indent_of(std::string_view text);

// ASCII alone: no key of AWS has another letter.
[[nodiscard]] std::string to_lower(std::string_view text);

}  // namespace cavra::s3
