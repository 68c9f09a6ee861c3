// One setting from a variable of the environment, else from the profile: as text, truth or number.
//
// Empty text counts as none. Errors: usage, naming the variable, or file and line; never the value.
// Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws_profiles.hpp"
#include "cavra/support/result.hpp"
#include "cloud/environment.hpp"

namespace cavra::s3 {

struct AwsSetting {
  std::string text;
  std::string place;  // for messages: `AWS_REGION`, or `"/home/a/.aws/config", line 7`
};

// `variable` may be empty: the profile alone has it.
[[nodiscard]] AwsSetting aws_setting(const cloud::Environment& environment,
                                     std::string_view variable, const AwsProfile& profile,
                                     std::string_view key);

// "true" and "false" in any case. None counts as false.
[[nodiscard]] Result<bool> truth_of(const AwsSetting& setting);
// From 1.
[[nodiscard]] Result<std::optional<unsigned>> number_of(const AwsSetting& setting);

}  // namespace cavra::s3
