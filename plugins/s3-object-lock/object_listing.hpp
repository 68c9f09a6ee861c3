// Tells the entries of a listing page by page, as the contract has it: all versions and delete
// markers by key, then uploads that were begun and not ended.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "object_versions.hpp"

namespace cavra::s3 {

// Where a listing goes on: "v" or "u", the length of the key, and key and id.
struct Cursor {
  bool is_in_uploads = false;
  ListingPlace after;
};
[[nodiscard]] std::string format_cursor(const Cursor& cursor);
// Errors: usage.
[[nodiscard]] Result<Cursor> parse_cursor(std::string_view text);

// Tells at most `request.limit` entries; returns where it goes on, empty at the end. Names that can
// be no key are left out. Errors: those of asking, the sink's.
[[nodiscard]] Result<std::string> list_objects(const Asking& ask, const sdk::ListRequest& request,
                                               sdk::ListSink& sink);

}  // namespace cavra::s3
