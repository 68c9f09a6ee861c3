// The JSON in which programs and services tell credentials.
//
// Errors: io, for people; never with what stands there but an error's code. Pure functions: any
// thread.
#pragma once

#include <string_view>

#include "aws_credentials.hpp"
#include "cavra/support/result.hpp"

namespace cavra::s3 {

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
[[nodiscard]] Result<AwsCredentials> parse_process_credentials(std::string_view json);

// The container's agent; token and expiration may be missing.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
[[nodiscard]] Result<AwsCredentials> parse_container_credentials(std::string_view json);

// The instance's metadata service, which also tells with status 200 that it has none: forbidden.
[[nodiscard]] Result<AwsCredentials> parse_instance_credentials(std::string_view json);

}  // namespace cavra::s3
