#include "aws_profiles.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/secret_file.hpp"
#include "shell_words.hpp"

namespace cavra::s3 {
namespace {

template <class Map>
const typename Map::mapped_type* find_in(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

// NAME of `profile NAME`, `profile "NAME"`. The first word is not looked at again: botocore takes
// [profiles NAME] too.
std::optional<std::string> second_of_two_words(std::string_view section) {
  auto words = split_shell_words(section);
  if (!words || words->size() != 2) return std::nullopt;
  return std::move(words->back());
}

std::string path_of(const cloud::Environment& environment, std::string_view variable,
                    std::string_view name_at_home) {
  const std::string home = cloud::get(environment, "HOME");
  const auto named = environment(variable);
  if (named) return named->starts_with("~/") && !home.empty() ? home + named->substr(1) : *named;
  return home.empty() ? std::string() : home + "/.aws/" + std::string(name_at_home);
}

// No path, no file: so an empty variable says that there is none, as with the other tools.
Result<AwsFile> load(std::string path) {
  if (path.empty()) return AwsFile{};
  CAVRA_TRY(const auto bytes, cloud::read_secret_file(path, kMaxAwsFileBytes));
  const std::string_view text = bytes ? as_text(bytes->expose()) : std::string_view();
  // botocore takes it as a letter; what is called with such a value would see only its start.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    const auto line = 1 + std::ranges::count(text.substr(0, at), '\n');
    return Error{ErrorCode::usage,
                 aws_file_place(path, static_cast<std::size_t>(line)) + ": it has a NUL in it",
                 false};
  }
  return parse_aws_file(text, std::move(path));
}

}  // namespace

const AwsValue* AwsKeys::find(std::string_view key) const {
  if (section == nullptr) return nullptr;
  if (const AwsValue* const own = find_in(section->values, key)) return own;
  return find_in(file->defaults, key);
}

std::string AwsKeys::text(std::string_view key) const {
  const AwsValue* const value = find(key);
  return value == nullptr ? std::string() : std::string(std::string_view(value->text));
}

std::string AwsKeys::text(std::string_view key, std::string_view nested_key) const {
  const AwsValue* const value = find(key);
  const cloud::WipedText* const text =
      value == nullptr ? nullptr : find_in(value->nested, nested_key);
  return text == nullptr ? std::string() : std::string(std::string_view(*text));
}

std::string AwsKeys::place(std::string_view key) const {
  if (file == nullptr) return {};
  const AwsValue* const value = find(key);
  return value == nullptr ? quoted(file->path) : aws_file_place(file->path, value->line);
}

const AwsKeys& AwsProfile::keys_with(std::string_view key) const {
  const bool is_in_credentials = credentials.find(key) != nullptr || config.section == nullptr;
  return is_in_credentials ? credentials : config;
}

const AwsValue* AwsProfile::find(std::string_view key) const {
  return keys_with(key).find(key);
}

std::string AwsProfile::text(std::string_view key) const {
  return keys_with(key).text(key);
}

std::string AwsProfile::text(std::string_view key, std::string_view nested_key) const {
  return keys_with(key).text(key, nested_key);
}

std::string AwsProfile::place(std::string_view key) const {
  return keys_with(key).place(key);
}

AwsProfiles::AwsProfiles(AwsFile config, AwsFile credentials)
    : files_(std::make_unique<Files>(Files{std::move(config), std::move(credentials)})) {
  for (const AwsSection& section : files_->config.sections)
    add_config_section(section);
  for (const AwsSection& section : files_->credentials.sections)
    profiles_[section.name].credentials = {&files_->credentials, &section};
  for (auto& [name, profile] : profiles_)
    profile.name = name;
}

// Two sections may be of one name, as [default] and [profile default]: the last one counts, alone.
void AwsProfiles::add_config_section(const AwsSection& section) {
  const std::string_view text = section.name;
  const AwsKeys keys{&files_->config, &section};
  if (text == "default") {
    profiles_[section.name].config = keys;
    return;
  }
  const auto name = second_of_two_words(text);
  if (!name) return;
  if (text.starts_with("profile"))
    profiles_[*name].config = keys;
  else if (text.starts_with("sso-session"))
    sso_sessions_[*name] = keys;
  else if (text.starts_with("services"))
    services_[*name] = keys;
}

const AwsProfile* AwsProfiles::find(std::string_view name) const {
  return find_in(profiles_, name);
}

const AwsKeys* AwsProfiles::find_sso_session(std::string_view name) const {
  return find_in(sso_sessions_, name);
}

const AwsKeys* AwsProfiles::find_services(std::string_view name) const {
  return find_in(services_, name);
}

Result<AwsProfiles> load_aws_profiles(const cloud::Environment& environment) {
  CAVRA_TRY(AwsFile config, load(path_of(environment, "AWS_CONFIG_FILE", "config")));
  CAVRA_TRY(AwsFile credentials,
            load(path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")));
  return AwsProfiles(std::move(config), std::move(credentials));
}

}  // namespace cavra::s3
