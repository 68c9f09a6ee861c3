#include "cloud/object_metadata.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::cloud {

namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Error unfit_metadata(std::string_view why) {
  return {ErrorCode::usage, "the object's metadata " + std::string(why)};
}

Result<std::vector<http::Header>> parse_metadata(std::string_view json, std::size_t max_bytes) {
  std::vector<http::Header> found;
  if (json.empty()) return found;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return unfit_metadata("are no JSON object");
  std::size_t bytes = 0;
  for (const auto& member : document.GetObject()) {
    std::string name =
        http::lower_case(std::string_view(member.name.GetString(), member.name.GetStringLength()));
    if (!member.value.IsString())
      return unfit_metadata("have " + quoted(name, 60) + ", which is no text");
    std::string value(member.value.GetString(), member.value.GetStringLength());
    if (!is_ascii(value)) value = printable(value, 1024);
    bytes += name.size() + value.size();
    if (is_ascii(value)) found.push_back({std::move(name), std::move(value)});
  }
  if (bytes > max_bytes)
    return unfit_metadata("are longer than " + std::to_string(max_bytes) + " bytes");
  return found;
}

}  // namespace cavra::cloud
