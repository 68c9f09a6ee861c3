// Credentials as they are used: the keys, and until when.
//
// Values, not copied: they are secret. Const use from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"
#include "cavra/support/secret.hpp"
#include "cloud/renewed.hpp"
#include "sigv4.hpp"

namespace cavra::s3 {

struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;                        // empty: none
  std::optional<std::int64_t> expires_unix_s;  // none: they do not run out
};

// Seconds since 1970. The machine's clock may be wrong, and its user may know by how much.
using cloud::UnixClock;

// Whether an access key id or a session token can be sent: ASCII without spaces.
[[nodiscard]] bool fits_a_header(std::string_view text);

// What a service or program tells. `expiration` is RFC 3339; empty: none.
struct CredentialTexts {
  std::string_view access_key_id;
  std::string_view secret_access_key;
  std::string_view session_token;
  std::string_view expiration;
};
// Errors: io, for people, without any of the texts: a key is missing, or one does not fit a header.
[[nodiscard]] Result<AwsCredentials> make_credentials(const CredentialTexts& texts);

[[nodiscard]] SigningCredentials signing_credentials(const AwsCredentials& credentials);

}  // namespace cavra::s3
