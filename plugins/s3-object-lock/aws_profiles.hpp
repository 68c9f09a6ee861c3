// The profiles of ~/.aws/config and ~/.aws/credentials together: what the sections mean.
//
// Of credentials each section is the profile of its name. Of config these are: [default] and
// [profile NAME]; [sso-session NAME] and [services NAME] are what profiles refer to; other sections
// say nothing. Names may be quoted. What credentials says of a profile wins over what config says,
// key by key.
// Lends from AwsProfiles until that goes. Immutable: any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "aws_config_file.hpp"
#include "cavra/support/result.hpp"
#include "cloud/environment.hpp"

namespace cavra::s3 {

// A section in its file, or none.
struct AwsKeys {
  const AwsFile* file = nullptr;
  const AwsSection* section = nullptr;

  // The value, else [DEFAULT]'s. Null: there is none.
  [[nodiscard]] const AwsValue* find(std::string_view key) const;
  // "", where there is none, or something nested.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view nested_key) const;
  // For messages: the file and the line of the key, or of what lacks it the file alone.
  [[nodiscard]] std::string place(std::string_view key) const;
};

struct AwsProfile {
  std::string name;
  AwsKeys credentials;
  AwsKeys config;

  // Of both files, as the above.
  [[nodiscard]] const AwsValue* find(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::string_view nested_key) const;
  [[nodiscard]] std::string place(std::string_view key) const;

 private:
  [[nodiscard]] const AwsKeys& keys_with(std::string_view key) const;
};

class AwsProfiles {
 public:
  AwsProfiles(AwsFile config, AwsFile credentials);

  // Null: neither file has it.
  [[nodiscard]] const AwsProfile* find(std::string_view name) const;
  [[nodiscard]] const AwsKeys* find_sso_session(std::string_view name) const;
  [[nodiscard]] const AwsKeys* find_services(std::string_view name) const;

  [[nodiscard]] const AwsFile& config() const { return files_->config; }
  [[nodiscard]] const AwsFile& credentials() const { return files_->credentials; }

 private:
  struct Files {
    AwsFile config;
    AwsFile credentials;
  };
  void add_config_section(const AwsSection& section);

  std::unique_ptr<const Files> files_;  // keeps its place when this is moved
  std::map<std::string, AwsProfile, std::less<>> profiles_;
  std::map<std::string, AwsKeys, std::less<>> sso_sessions_;
  std::map<std::string, AwsKeys, std::less<>> services_;
};

// Reads both files: those that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name ("~/" is
// $HOME), else those in $HOME/.aws. One that is not there is empty. Errors: usage, with the file's
// name: it cannot be read or parsed, or has a NUL in it.
[[nodiscard]] Result<AwsProfiles> load_aws_profiles(const cloud::Environment& environment);

}  // namespace cavra::s3
