// CredentialProvider: AWS's credentials, renewed before they run out. Any thread.
#pragma once

#include "aws_credentials.hpp"
#include "cloud/renewed.hpp"

namespace cavra::s3 {

using CredentialProvider = cloud::Renewed<AwsCredentials>;

// botocore's, of RefreshableCredentials.
inline constexpr cloud::RenewalMargins kAwsMargins{.soon_s = 900, .now_s = 600};

}  // namespace cavra::s3
