// Where AWS's Security Token Service is, and for which region its requests are signed.
//
// By botocore's rules: the endpoint that is configured, else the region's own; the global one in
// us-east-1 without a region, or for sts_regional_endpoints = legacy in the regions that it is
// from. Pure functions: any thread.
#pragma once

#include <string>

#include "aws_settings.hpp"
#include "cavra/support/result.hpp"
#include "cloud/http_url.hpp"

namespace cavra::s3 {

struct StsEndpoint {
  cloud::HttpUrl url;
  std::string region;
};

// `allows_plain`: http to other machines too. Errors: usage, with what to change.
[[nodiscard]] Result<StsEndpoint> find_sts_endpoint(const AwsSettings& settings, bool allows_plain);

}  // namespace cavra::s3
