// AWS Signature Version 4, by headers:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
//
// S3's rules where `service` is "s3": the path is signed as it is, encoded once, and the payload
// hash goes as x-amz-content-sha256. Every other service (STS): the path is folded and encoded a
// second time. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cavra/support/secret.hpp"
#include "http/headers.hpp"
#include "http/percent_encoding.hpp"

namespace cavra::s3 {

// What signs. The secret is wiped with it.
struct SigningCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  std::string session_token;  // empty: none. A secret too: never printed
};

struct SigningScope {
  std::string region;   // "eu-central-1"
  std::string service;  // "s3", "sts"
};

// Names and values that are not encoded yet.
using http::QueryParameters;

// "a=1&b=" in the one form that is signed: encoded, sorted by encoded name, then value.
[[nodiscard]] std::string canonical_query(const QueryParameters& query);

struct UnsignedRequest {
  std::string method;
  std::string path;  // encoded once, begins with '/'
  QueryParameters query;
  // All that are sent, with "host". Not signed of them: authorization, connection, expect,
  // transfer-encoding, user-agent, x-amzn-trace-id, which are not the same at the other end.
  http::Headers headers;
  std::string payload_sha256;  // lower-case hex, or "UNSIGNED-PAYLOAD"
};

// "20150830T123600Z"
[[nodiscard]] std::string amz_date(std::int64_t unix_s);

// The parts that vectors and servers' error messages have. The first has the session token in it.
struct SignatureParts {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;  // hex
  std::string authorization;
};
[[nodiscard]] SignatureParts sign_parts(const UnsignedRequest& request,
                                        const SigningCredentials& credentials,
                                        const SigningScope& scope, std::int64_t unix_s);

// The headers of the request with those that signing adds: x-amz-date, x-amz-content-sha256 (S3
// alone), x-amz-security-token (where there is one), authorization.
[[nodiscard]] http::Headers signed_headers(const UnsignedRequest& request,
                                           const SigningCredentials& credentials,
                                           const SigningScope& scope, std::int64_t unix_s);

}  // namespace cavra::s3
