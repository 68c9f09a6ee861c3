// Credentials of a container's role, from the agent that ECS, EKS or Greengrass names in the
// environment: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
//
// Any thread.
#pragma once

#include <string>

#include "aws_credential_source.hpp"
#include "aws_credentials.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "cloud/http_url.hpp"

namespace cavra::s3 {

// Errors: usage, with the variable: no URL, or http to another host than this machine and AWS's
// agents, which could read the token and give another account's keys.
[[nodiscard]] Result<cloud::HttpUrl> container_url(const AwsContainer& source);

// `ca_file` for https; empty: the system's. Errors: those of container_url(); usage (the token
// cannot be read or sent), forbidden, unavailable, io; cancelled, timeout.
[[nodiscard]] Result<AwsCredentials> fetch_container_credentials(const AwsContainer& source,
                                                                 const std::string& ca_file,
                                                                 const sdk::Call& call);

}  // namespace cavra::s3
