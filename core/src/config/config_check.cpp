#include "config/config_check.hpp"

#include <algorithm>
#include <string_view>

#include "cavra/config.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::detail {
namespace {

constexpr std::string_view kSchemaVersion = "cavra.config.v1";
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kSha256HexDigits = 64;

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Of a store, and of a built-in plugin: [a-z0-9][a-z0-9_-]{0,63}, as the schema says.
bool is_name(std::string_view text) {
  const auto is_inner = [](char c) { return is_lower_or_digit(c) || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= kMaxNameBytes && is_lower_or_digit(text.front()) &&
         std::ranges::all_of(text, is_inner);
}

bool is_sha256(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == kSha256HexDigits && std::ranges::all_of(text, is_hex);
}

const std::string* text_member(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.find(name);
  return value == nullptr ? nullptr : value->if_string();
}

// What the schema could only call a pattern that does not match.
class OwnChecks {
 public:
  explicit OwnChecks(std::vector<ConfigProblem>& problems) : problems_(problems) {}

  void check(const JsonValue& document) {
    if (const std::string* text = text_member(document, "minimum_retention")) {
      const auto period = parse_period(*text);
      if (!period) add("/minimum_retention", period.error().message);
    }
    const JsonValue* stores = document.find("stores");
    if (stores == nullptr || !stores->is_object()) return;
    for (const JsonMember& store : *stores->if_object())
      check_store(store);
  }

 private:
  void add(std::string pointer, std::string problem) {
    problems_.push_back({std::move(pointer), std::move(problem)});
  }

  void check_store(const JsonMember& store) {
    const std::string store_pointer = child_pointer("/stores", store.name);
    if (!is_name(store.name))
      add(store_pointer, "the store name " + quoted(store.name, 80) +
                             " is not 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or "
                             "digit");
    const std::string pointer = child_pointer(store_pointer, std::string_view("plugin"));
    if (const std::string* name = text_member(store.value, "plugin"); name && !is_name(*name))
      add(pointer, quoted(*name, 80) +
                       " is no name of a built-in plugin (a-z, 0-9, _ and -); for a file write "
                       "{\"path\": \"…\", \"sha256\": \"…\"}");
    const JsonValue* file = store.value.find("plugin");
    const std::string* sha256 = file == nullptr ? nullptr : text_member(*file, "sha256");
    if (sha256 != nullptr && !is_sha256(*sha256))
      add(child_pointer(pointer, std::string_view("sha256")),
          "it must be the file's SHA-256 in 64 lower-case hex digits, as sha256sum prints it");
  }

  std::vector<ConfigProblem>& problems_;
};

// Another version has other members, so nothing else is worth telling.
bool is_other_version(const JsonValue& document, std::vector<ConfigProblem>& problems) {
  const std::string* version = text_member(document, "schema_version");
  if (version == nullptr || *version == kSchemaVersion) return false;
  problems.push_back({"/schema_version", quoted(*version, 80) +
                                             " is not known here; this program reads \"" +
                                             std::string(kSchemaVersion) + '"'});
  return true;
}

}  // namespace

Result<std::vector<ConfigProblem>> config_problems(const JsonValue& document) {
  std::vector<ConfigProblem> problems;
  if (is_other_version(document, problems)) return problems;
  OwnChecks(problems).check(document);
  const auto schema = JsonSchema::compile(config_schema());
  if (!schema)
    return Error{ErrorCode::internal, "the built-in config schema: " + schema.error().message};
  const std::vector<ConfigProblem> own = problems;
  for (auto& [pointer, problem] : schema->validate(document)) {
    // Told already, and in better words.
    if (std::ranges::find(own, pointer, &ConfigProblem::pointer) != own.end()) continue;
    problems.push_back({std::move(pointer), std::move(problem)});
  }
  std::ranges::stable_sort(problems, {}, &ConfigProblem::pointer);
  return problems;
}

}  // namespace cavra::detail
