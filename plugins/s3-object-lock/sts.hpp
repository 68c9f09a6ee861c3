// Temporary credentials of AWS's Security Token Service: its two requests that a role is assumed
// with. https://docs.aws.amazon.com/STS/latest/APIReference/
//
// Any thread. Errors, with role and who asks, never with a key or a token: forbidden (STS refuses),
// usage (what was asked for is wrong), unavailable, io; cancelled and timeout, by the call.
#pragma once

#include <string>

#include "aws_credential_source.hpp"
#include "aws_credentials.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "sts_endpoint.hpp"

namespace cavra::s3 {

struct StsService {
  StsEndpoint endpoint;
  std::string ca_file;  // empty: the system's
  UnixClock clock;
};

// Signed with `own`.
[[nodiscard]] Result<AwsCredentials> assume_role(const StsService& service, const AwsRole& role,
                                                 const AwsCredentials& own, const sdk::Call& call);

// Not signed: the token of the file is the proof.
[[nodiscard]] Result<AwsCredentials> assume_role_with_web_identity(const StsService& service,
                                                                   const AwsWebIdentity& identity,
                                                                   const sdk::Call& call);

}  // namespace cavra::s3
