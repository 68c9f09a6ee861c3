// Credentials of the machine's role, from the EC2 instance metadata service, by IMDSv2 alone:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
//
// Version 1 answers every request that a program can be talked into, so there is no way back to it.
// Any thread.
#pragma once

#include "aws_credential_source.hpp"
#include "aws_credentials.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::s3 {

// Errors: io (nobody answers: this may be no EC2 instance), forbidden (switched off, or the role
// cannot be used), usage (no role, an endpoint that is no URL), unavailable; cancelled, timeout.
[[nodiscard]] Result<AwsCredentials> fetch_instance_credentials(const AwsInstanceMetadata& source,
                                                                const UnixClock& clock,
                                                                const sdk::Call& call);

}  // namespace cavra::s3
