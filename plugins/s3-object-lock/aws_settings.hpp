// What environment and files say, by AWS's own order, before any service is asked.
//
// The environment wins over the profile. Nothing here is checked against AWS: a region or an
// endpoint is any text. Values; const use from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws_credential_source.hpp"
#include "aws_profiles.hpp"
#include "cavra/support/result.hpp"
#include "cloud/environment.hpp"

namespace cavra::s3 {

// Where services are, if not at AWS's own endpoints. Empty: nothing is said.
struct AwsEndpoints {
  std::string s3;
  std::string sts;
  std::string sso;
};

struct AwsSettings {
  std::string profile;  // its name
  std::string region;   // empty: nothing is said
  AwsEndpoints endpoints;
  std::string ca_bundle;                 // a file; empty: the system's
  std::optional<unsigned> max_attempts;  // with the first one
  std::string addressing_style;          // "path", "virtual", "auto" or empty
  bool use_fips = false;
  bool use_dualstack = false;
  bool use_global_sts = false;                           // sts_regional_endpoints = legacy
  std::optional<AwsInstanceMetadata> instance_metadata;  // none: switched off
  AwsCredentialSource credentials;
};

// `explicit_profile` is what CAVRA's own configuration names, if it does; else AWS_DEFAULT_PROFILE,
// AWS_PROFILE or "default" counts. Of these only "default" need not be there. Errors: usage, with
// the variable, or file and line, never with a value.
[[nodiscard]] Result<AwsSettings> resolve_aws_settings(
    const AwsProfiles& profiles, const std::optional<std::string>& explicit_profile,
    const cloud::Environment& environment);

// The same with the files that load_aws_profiles() reads.
[[nodiscard]] Result<AwsSettings> load_aws_settings(
    const std::optional<std::string>& explicit_profile, const cloud::Environment& environment);

}  // namespace cavra::s3
