// JSON documents of the program, their schemas, and the snapshots.
#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "workspace.hpp"

namespace cavra::e2e {

namespace {

std::optional<std::string> file_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// "evidence bundle" is evidence-bundle.schema.json; where no command was found: no-command.
std::string schema_name(std::string command) {
  std::ranges::replace(command, ' ', '-');
  return command.empty() ? "no-command" : command;
}

}  // namespace

const JsonValue& at(const JsonValue& document, std::string_view pointer) {
  const std::string whole(pointer);
  CAPTURE(whole);
  const JsonValue* value = &document;
  while (!pointer.empty() && value != nullptr) {
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    std::size_t index = 0;
    const auto number = std::from_chars(token.data(), token.data() + token.size(), index);
    const JsonValue::Array* const array = value->if_array();
    if (array == nullptr)
      value = value->find(token);
    else
      value = number.ec == std::errc{} && index < array->size() ? &(*array)[index] : nullptr;
  }
  REQUIRE(value != nullptr);
  return *value;
}

std::string text_at(const JsonValue& document, std::string_view pointer) {
  const std::string* const text = at(document, pointer).if_string();
  REQUIRE(text != nullptr);
  return *text;
}

std::int64_t number_at(const JsonValue& document, std::string_view pointer) {
  const std::int64_t* const number = at(document, pointer).if_integer();
  REQUIRE(number != nullptr);
  return *number;
}

JsonValue parsed(std::string_view text) {
  auto document = parse_json(text);
  if (!document) FAIL("no JSON document: " << document.error().message << ": " << text);
  return *std::move(document);
}

void check_output_document(const Outcome& outcome) {
  const auto document = parse_json(outcome.out);
  CAPTURE(outcome.out);
  CAPTURE(outcome.err);
  REQUIRE(document);
  const fs::path file = fs::path(CAVRA_SOURCE_DIR) / "docs/schemas/output" /
                        (schema_name(text_at(*document, "/command")) + ".schema.json");
  CAPTURE(file.native());
  const auto schema_text = file_text(file);
  REQUIRE(schema_text);
  const auto schema = JsonSchema::compile(*schema_text);
  REQUIRE(schema);
  for (const auto& violation : schema->validate(*document))
    FAIL_CHECK(violation.pointer << ": " << violation.problem);
  CHECK(number_at(*document, "/exit_code") == outcome.exit);
}

void check_snapshot(const std::string& name, const std::string& text) {
  const fs::path file = fs::path(CAVRA_SOURCE_DIR) / "tests/end-to-end/snapshots" / name;
  CAPTURE(file.native());
  if (std::getenv("CAVRA_UPDATE_SNAPSHOTS") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    return;
  }
  const auto expected = file_text(file);
  REQUIRE(expected);
  if (*expected == text) return;
  // The first line that differs, so that nobody has to look for it.
  const auto [a, b] = std::ranges::mismatch(*expected, text);
  const auto line_of = [](const std::string& whole, auto place) {
    const auto begin = whole.rfind('\n', static_cast<std::size_t>(place - whole.begin()));
    const auto from = begin == std::string::npos ? 0 : begin + 1;
    return whole.substr(from, whole.find('\n', from) - from);
  };
  FAIL_CHECK("changed; expected: " << line_of(*expected, a) << "\n  now: " << line_of(text, b)
                                   << "\n  (CAVRA_UPDATE_SNAPSHOTS=1 takes it over)");
}

}  // namespace cavra::e2e
