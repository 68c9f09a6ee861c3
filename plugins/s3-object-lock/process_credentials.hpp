// Credentials that a program prints, which a profile names as credential_process:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
//
// Any thread.
#pragma once

#include "aws_credential_source.hpp"
#include "aws_credentials.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::s3 {

// Errors, with file and line of the command, never with an argument or with what was printed:
// usage, io; cancelled and timeout, by the call: then the program is killed.
[[nodiscard]] Result<AwsCredentials> fetch_process_credentials(const AwsProcess& source,
                                                               const sdk::Call& call);

}  // namespace cavra::s3
