// Where credentials come from, by environment and files: the keys themselves, or whom to ask.
//
// The order is botocore's: the environment's keys, a role that the profile assumes, web identity,
// SSO, the credentials file's keys, a process, the config file's keys, the container, the machine.
// The first that is configured counts; what is wrong with it is an error, and nothing after it is
// tried: another account than the one meant must not act. Nobody is asked here.
// Values, some of them secret. Const use from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aws_profiles.hpp"
#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"
#include "cloud/environment.hpp"

namespace cavra::s3 {

enum class AwsKeyPlace { environment, shared_credentials_file, config_file };

struct AwsStaticKeys {
  AwsKeyPlace place = AwsKeyPlace::environment;
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty: none
};

// STS's AssumeRoleWithWebIdentity. The file is read anew each time: its token changes.
struct AwsWebIdentity {
  std::string token_file;
  std::string role_arn;
  std::string role_session_name;  // empty: any
  std::string place;              // of the file's name, for messages; so in the others
};

struct AwsSso {
  std::string session;  // of [sso-session NAME]; empty: the older form, known by its start URL
  std::string start_url;
  std::string region;
  std::string account_id;
  std::string role_name;
  std::string place;
};

struct AwsProcess {
  std::string command;  // split_shell_words() has its arguments
  std::string place;
};

// One of the two URIs; the relative one counts, if both are there. The token's file wins over the
// token.
struct AwsContainer {
  std::string relative_uri;
  std::string full_uri;
  std::string authorization_token_file;
  Secret authorization_token;
};

struct AwsInstanceMetadata {
  std::string endpoint;  // without a slash at its end
};

// A role to assume, by STS's AssumeRole. Empty: not given.
struct AwsRole {
  std::string profile;  // that asks for it, for messages
  std::string role_arn;
  std::string role_session_name;
  std::string external_id;
  std::string mfa_serial;
  std::optional<unsigned> duration_s;
};

struct AwsCredentialSource {
  // Monostate: there are none.
  std::variant<std::monostate, AwsStaticKeys, AwsWebIdentity, AwsSso, AwsProcess, AwsContainer,
               AwsInstanceMetadata>
      origin;
  // To be assumed one after the other, the first with the credentials of `origin`, each further
  // one with those of the role before it.
  std::vector<AwsRole> roles;

  // As botocore names it: "env", "shared-credentials-file", "config-file",
  // "assume-role-with-web-identity", "sso", "custom-process", "container-role", "iam-role"; with
  // roles "assume-role". "", where there are none.
  [[nodiscard]] std::string_view method() const;
};

// `profile` may be without sections. One that was named explicitly (not by the environment) turns
// off the environment's keys and web identity. Errors: usage, with the variable, or file and line;
// never with a value: keys of which one lacks or is empty, a role without or with two sources, a
// loop of source profiles, SSO that lacks something or says two things.
[[nodiscard]] Result<AwsCredentialSource> find_aws_credentials(
    const AwsProfiles& profiles, const AwsProfile& profile, bool is_profile_explicit,
    const cloud::Environment& environment);

// The instance's metadata service. None: it is switched off, by AWS_EC2_METADATA_DISABLED.
[[nodiscard]] Result<std::optional<AwsInstanceMetadata>> find_aws_instance_metadata(
    const AwsProfile& profile, const cloud::Environment& environment);

}  // namespace cavra::s3
