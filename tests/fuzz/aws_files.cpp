// ~/.aws/config and ~/.aws/credentials, and what they make of settings and credentials.
#include "s3-object-lock/aws_config_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "fuzz.hpp"
#include "s3-object-lock/aws_settings.hpp"
#include "s3-object-lock/shell_words.hpp"
#include "targets.hpp"

namespace cavra::fuzz {

namespace {

// Another process's file: it may be other text.
s3::AwsFile file_of(std::string_view text) {
  auto file = s3::parse_aws_file(text, "file");
  if (file) return *std::move(file);
  require_fine(file.error());
  return {};
}

}  // namespace

void fuzz_aws_files(std::string_view bytes) {
  const cloud::Environment nothing = [](std::string_view) { return std::optional<std::string>(); };
  const std::size_t end = std::min(bytes.find('\0'), bytes.size());
  const s3::AwsProfiles profiles(file_of(bytes.substr(0, end)),
                                 file_of(bytes.substr(std::min(end + 1, bytes.size()))));
  for (const std::optional<std::string>& name : {std::optional<std::string>(), {"a"}}) {
    const auto settings = s3::resolve_aws_settings(profiles, name, nothing);
    if (!settings) require_fine(settings.error());
  }
  if (const auto words = s3::split_shell_words(bytes))
    for (const std::string& word : *words)
      require(word.size() <= bytes.size(), "words are parts of their text");
}

}  // namespace cavra::fuzz
