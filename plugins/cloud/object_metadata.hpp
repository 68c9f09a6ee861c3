// The metadata of an object, as the host gives it: one JSON object of texts. Pure: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"
#include "http/headers.hpp"

namespace cavra::cloud {

// Names in small letters, values as headers can carry them: services make other characters of what
// is not ASCII, so such a value is left out. Errors: usage (no such object, more than `max_bytes`
// in all).
[[nodiscard]] Result<std::vector<http::Header>> parse_metadata(std::string_view json,
                                                               std::size_t max_bytes);
[[nodiscard]] Error unfit_metadata(std::string_view why);

}  // namespace cavra::cloud
