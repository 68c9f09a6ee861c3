// All JSON of the plugin, so that RapidJSON stays in one file: settings, marker, records.
#include "documents.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "settings.hpp"

namespace cavra::local_worm {

namespace {

constexpr std::string_view kMarkerSchema = "cavra.local-worm.store.v1";
constexpr std::string_view kRecordSchema = "cavra.local-worm.record.v1";

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_member(Writer& writer, std::string_view name, std::string_view value) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

std::string line_of(const rapidjson::StringBuffer& buffer) {
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::optional<rapidjson::Document> parse_object(std::string_view json) {
  rapidjson::Document document;
  // Iterative: depth of hostile text costs no stack.
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  return document;
}

std::optional<std::string_view> text_member(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return std::nullopt;
  return std::string_view(member->value.GetString(), member->value.GetStringLength());
}

constexpr std::string_view word_of(Act act) {
  switch (act) {
    case Act::extend:
      return "extend";
    case Act::hold:
      return "hold";
    case Act::release:
      return "release";
  }
  return {};
}

std::optional<Act> act_of(std::string_view word) {
  for (const Act act : {Act::extend, Act::hold, Act::release}) {
    if (word_of(act) == word) return act;
  }
  return std::nullopt;
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, kShape, [](char c, char shape) {
    return shape == 'x' ? (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') : c == shape;
  });
}

Error settings_error(std::string message) {
  return {ErrorCode::usage, std::move(message), false};
}

}  // namespace

Result<Settings> parse_settings(std::string_view json, std::string_view base_folder) {
  const auto document = parse_object(json);
  if (!document) return settings_error("settings: not a JSON object");
  const auto root = text_member(*document, "root");
  if (!root || root->empty())
    return settings_error("settings: \"root\" is missing: the folder of the store");
  if (root->find('\0') != std::string_view::npos)
    return settings_error("settings: \"root\" holds a NUL character");

  Settings settings;
  settings.root = (std::filesystem::path(base_folder) / *root).lexically_normal();
  if (!settings.root.has_filename()) settings.root = settings.root.parent_path();
  if (!settings.root.is_absolute())
    return settings_error("settings: the folder that \"root\" starts from is not absolute");
  if (settings.root == settings.root.root_path())
    return settings_error("settings: \"root\" is the root of the machine; name a folder in it");
  if (document->HasMember("require")) {
    const auto require = text_member(*document, "require");
    if (require != "filesystem" && require != "advisory")
      return settings_error("settings: \"require\" is neither \"filesystem\" nor \"advisory\"");
    if (require == "advisory") settings.require = Require::advisory;
  }
  return settings;
}

std::string format_marker(const Marker& marker) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  write_member(writer, "schema", kMarkerSchema);
  write_member(writer, "id", marker.id);
  writer.EndObject();
  return line_of(buffer);
}

std::optional<Marker> parse_marker(std::string_view json) {
  const auto document = parse_object(json);
  if (!document) return std::nullopt;
  const auto id = text_member(*document, "id");
  if (!id || !is_uuid(*id)) return std::nullopt;
  Marker marker{.id = std::string(*id)};
  if (format_marker(marker) != json) return std::nullopt;
  return marker;
}

std::string format_record(const Record& record) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  write_member(writer, "schema", kRecordSchema);
  write_member(writer, "key", record.key);
  writer.Key("sequence");
  writer.Uint(record.sequence);
  write_member(writer, "act", word_of(record.act));
  if (record.retain_until_unix_s)
    write_member(writer, "retain_until", format_utc({.unix_s = *record.retain_until_unix_s}));
  writer.EndObject();
  return line_of(buffer);
}

std::optional<Record> parse_record(std::string_view json) {
  const auto document = parse_object(json);
  if (!document) return std::nullopt;
  const auto key = text_member(*document, "key");
  const auto act = act_of(text_member(*document, "act").value_or(""));
  const auto sequence = document->FindMember("sequence");
  if (!key || !act || sequence == document->MemberEnd() || !sequence->value.IsUint())
    return std::nullopt;
  Record record{.key = std::string(*key),
                .sequence = sequence->value.GetUint(),
                .act = *act,
                .retain_until_unix_s = std::nullopt};
  if (const auto until = text_member(*document, "retain_until")) {
    const auto date = parse_rfc3339(*until);
    if (!date) return std::nullopt;
    record.retain_until_unix_s = date->at.unix_s;
  }
  if ((record.act == Act::extend) != record.retain_until_unix_s.has_value()) return std::nullopt;
  if (format_record(record) != json) return std::nullopt;
  return record;
}

}  // namespace cavra::local_worm
