#include "aws_setting.hpp"

#include <charconv>
#include <system_error>

#include "python_text.hpp"

namespace cavra::s3 {
namespace {

Error wrong_value(const AwsSetting& setting, std::string_view wanted) {
  return {ErrorCode::usage, setting.place + ": it takes " + std::string(wanted), false};
}

}  // namespace

AwsSetting aws_setting(const cloud::Environment& environment, std::string_view variable,
                       const AwsProfile& profile, std::string_view key) {
  if (!variable.empty()) {
    if (std::string text = cloud::get(environment, variable); !text.empty())
      return {std::move(text), std::string(variable)};
  }
  return {profile.text(key), profile.place(key)};
}

// botocore takes all but "true" for false. A FIPS endpoint that is wanted with "1" would silently
// not be used.
Result<bool> truth_of(const AwsSetting& setting) {
  const std::string word = to_lower(setting.text);
  if (word == "true") return true;
  if (word == "false" || word.empty()) return false;
  return wrong_value(setting, "true or false");
}

Result<std::optional<unsigned>> number_of(const AwsSetting& setting) {
  const std::string& text = setting.text;
  if (text.empty()) return std::optional<unsigned>{};
  unsigned number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size() || number == 0)
    return wrong_value(setting, "a whole number from 1");
  return std::optional<unsigned>(number);
}

}  // namespace cavra::s3
