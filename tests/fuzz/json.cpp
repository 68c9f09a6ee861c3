// JSON: what is read is written as the same, and both readers agree.
#include "cavra/json.hpp"

#include <algorithm>

#include "fuzz.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

void check_writers(const JsonValue& value) {
  const std::string canonical = canonical_json(value);
  require(std::ranges::all_of(canonical, [](char c) { return c >= ' ' && c <= '~'; }),
          "the canonical form is one line of ASCII");
  for (const std::string& text : {canonical, compact_json(value), pretty_json(value)}) {
    const auto again = parse_json(text);
    require(again.has_value(), "what is written is read");
    require(*again == value, "what is written is the value");
    require(canonical_json(*again) == canonical, "a value has one canonical form");
  }
}

// The elements of an array, streamed in small blocks; nothing where they are refused.
std::optional<JsonValue::Array> stream(std::string_view text) {
  MemorySource source(std::string(text), 7);
  JsonValue::Array elements;
  const auto read = stream_json(source, "",
                                {.on_element =
                                     [&](std::size_t index, JsonValue&& value) {
                                       require(index == elements.size(), "elements are counted");
                                       elements.push_back(std::move(value));
                                       return Result<void>();
                                     },
                                 .on_member = {}});
  if (read) return elements;
  require_fine(read.error());
  return std::nullopt;
}

}  // namespace

void fuzz_json(std::string_view bytes) {
  const auto value = parse_json(bytes);
  if (value)
    check_writers(*value);
  else
    require_fine(value.error());

  const auto streamed = stream(bytes);
  const JsonValue::Array* array = value ? value->if_array() : nullptr;
  if (array != nullptr) require(streamed && *streamed == *array, "both readers see one array");
  if (!value) require(!streamed, "both readers refuse alike");

  MemorySource source(std::string(bytes), 7);
  const auto lines =
      stream_json_lines(source, [](std::size_t, JsonValue&&) { return Result<void>(); });
  if (!lines) require_fine(lines.error());
}

}  // namespace cavra::fuzz
