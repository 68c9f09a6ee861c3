// What STS answers: credentials, or why not. Pure functions: any thread.
#pragma once

#include <string_view>

#include "aws_credentials.hpp"
#include "cavra/support/result.hpp"
#include "http/exchange.hpp"

namespace cavra::s3 {

// The answer to `action`. Errors: io.
[[nodiscard]] Result<AwsCredentials> parse_sts_credentials(std::string_view xml,
                                                           std::string_view action);

// By status and STS's code: what is throttled, or waits for an identity provider, is repeated.
[[nodiscard]] http::Judgement judge_sts_answer(const http::Answer& answer);

}  // namespace cavra::s3
