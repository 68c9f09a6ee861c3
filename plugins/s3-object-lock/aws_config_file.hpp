// The files ~/.aws/config and ~/.aws/credentials, as AWS's own tools read them.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html and botocore, whose reading the
// test vectors hold. Values, once read: any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::s3 {

// Keys and values; what is indented below a key is `nested`.
struct AwsSection {
  std::map<std::string, std::string, std::less<>> values;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> nested;

  // The value, or "".
  [[nodiscard]] std::string get(std::string_view key) const;
  friend bool operator==(const AwsSection&, const AwsSection&) = default;
};

using AwsSections = std::map<std::string, AwsSection, std::less<>>;

// Sections by the name in their brackets. Errors: usage, with the line; never with a value.
[[nodiscard]] Result<AwsSections> parse_aws_file(std::string_view text);

// Both files together: by profile name, what credentials has wins over config. Of config, sections
// "profile NAME" and "default" are profiles; "sso-session NAME" and "services NAME" are kept apart.
struct AwsProfiles {
  AwsSections profiles;
  AwsSections services;

  [[nodiscard]] const AwsSection* find(std::string_view name) const;
};
[[nodiscard]] Result<AwsProfiles> merge_aws_files(std::string_view config_text,
                                                  std::string_view credentials_text);

// Where the files are by the environment: AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, else below
// $HOME/.aws; a file that is not there is empty. At most 1 MiB each. Errors: usage (cannot be read
// or parsed, with the file's name).
[[nodiscard]] Result<AwsProfiles> load_aws_files();

}  // namespace cavra::s3
