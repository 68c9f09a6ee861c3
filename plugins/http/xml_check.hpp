// What is no XML, or none that a service answers with, found before pugixml reads it: pugixml takes
// a good part of that, and guesses.
//
// XML 1.0 (https://www.w3.org/TR/xml/) without DOCTYPE, and names as namespaces want them. Left to
// pugixml: whether an end tag has its element's name. Not looked at: which letters beyond ASCII a
// name may have. One pass without recursion; no memory but for the attribute names of one tag. A
// pure function: any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::http {

struct XmlLimits {
  std::size_t max_depth;       // elements in one another
  std::size_t max_elements;    // in all
  std::size_t max_attributes;  // of one element
};

// Taken besides: one byte order mark, and blanks before the declaration, which services send to
// keep a connection open while they work. Errors: corrupt, with the offset.
[[nodiscard]] Result<void> check_xml(std::string_view text, const XmlLimits& limits);

// The error of check_xml() and XmlDocument::parse().
[[nodiscard]] Error xml_error(std::string_view what, std::size_t offset);

}  // namespace cavra::http
