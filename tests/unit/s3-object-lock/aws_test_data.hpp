// Files and environment of AWS's tools, from texts.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/secret.hpp"
#include "s3-object-lock/aws_profiles.hpp"

namespace cavra::s3::testing {

using Variables = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] inline cloud::Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

// As files of the names "config" and "credentials".
[[nodiscard]] inline Result<AwsProfiles> profiles_of(std::string_view config,
                                                     std::string_view credentials) {
  CAVRA_TRY(AwsFile config_file, parse_aws_file(config, "config"));
  CAVRA_TRY(AwsFile credentials_file, parse_aws_file(credentials, "credentials"));
  return AwsProfiles(std::move(config_file), std::move(credentials_file));
}

[[nodiscard]] inline std::string reveal(const Secret& secret) {
  return std::string(as_text(secret.expose()));
}

}  // namespace cavra::s3::testing
