#include "aws_credentials.hpp"

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"

namespace cavra::s3 {
namespace {

Error wrong(const std::string& problem) {
  return {ErrorCode::io, problem, false};
}

}  // namespace

bool fits_a_header(std::string_view text) {
  return std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter < '\x7f'; });
}

Result<AwsCredentials> make_credentials(const CredentialTexts& texts) {
  if (texts.access_key_id.empty()) return wrong("AccessKeyId is missing");
  if (texts.secret_access_key.empty()) return wrong("SecretAccessKey is missing");
  if (!fits_a_header(texts.access_key_id) || !fits_a_header(texts.session_token))
    return wrong("AccessKeyId or the session token is not ASCII without spaces");
  AwsCredentials credentials{.access_key_id = std::string(texts.access_key_id),
                             .secret_access_key = Secret(as_bytes(texts.secret_access_key)),
                             .session_token = Secret(as_bytes(texts.session_token)),
                             .expires_unix_s = {}};
  if (texts.expiration.empty()) return credentials;
  const auto expires = parse_rfc3339(texts.expiration);
  if (!expires) return wrong("Expiration is no date of RFC 3339");
  credentials.expires_unix_s = expires->at.unix_s;
  return credentials;
}

SigningCredentials signing_credentials(const AwsCredentials& credentials) {
  return {.access_key_id = credentials.access_key_id,
          .secret_access_key = Secret(credentials.secret_access_key.expose()),
          .session_token = std::string(as_text(credentials.session_token.expose()))};
}

}  // namespace cavra::s3
