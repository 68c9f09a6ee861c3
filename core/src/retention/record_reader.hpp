// Reads the small records of this room out of JSON, strictly: what the writer writes and nothing
// else, so that one value has one spelling.
//
// Errors are corrupt; each message begins with the JSON pointer below the record, if it is about a
// member and not the record itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cavra/json.hpp"
#include "cavra/support/result.hpp"

namespace cavra::detail {

[[nodiscard]] Error corrupt_at(std::string_view pointer, std::string_view problem);

// That `record` is an object without members of other names.
[[nodiscard]] Result<void> check_members(const JsonValue& record,
                                         std::span<const std::string_view> names);

[[nodiscard]] Result<bool> read_bool(const JsonValue& record, std::string_view name);
[[nodiscard]] Result<std::string> read_text(const JsonValue& record, std::string_view name);
// A date of whole seconds, exactly as format_utc() writes it.
[[nodiscard]] Result<std::int64_t> read_date(const JsonValue& record, std::string_view name);

}  // namespace cavra::detail
