// Words of a line as a POSIX shell quotes them, by Python's shlex.split(), which botocore uses for
// the names of sections and for credential_process. Nothing is expanded.
//
// A pure function: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cavra::s3 {

// None where a quote is not closed, or a backslash is the last.
[[nodiscard]] std::optional<std::vector<std::string>> split_shell_words(std::string_view text);

}  // namespace cavra::s3
