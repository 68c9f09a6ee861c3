// Turns what settings say of credentials into credentials: asks the source, then assumes the roles
// one after the other.
#pragma once

#include <memory>

#include "aws_credentials.hpp"
#include "aws_settings.hpp"
#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "credential_provider.hpp"

namespace cavra::s3 {

// From any thread. Errors, for people, never with a secret: usage and unsupported (with what to
// change, and where), forbidden (refused), unavailable, io; cancelled and timeout, by the call.
[[nodiscard]] Result<AwsCredentials> fetch_credentials(const AwsSettings& settings,
                                                       bool allows_plain_sts,
                                                       const UnixClock& clock,
                                                       const sdk::Call& call);

// The provider of these. `settings` are lent until it goes; `clock` may be asked from any thread.
// `allows_plain_sts`: an endpoint of STS may be http on other machines, too.
[[nodiscard]] std::unique_ptr<CredentialProvider> make_credential_provider(
    const AwsSettings& settings, bool allows_plain_sts, UnixClock clock);

}  // namespace cavra::s3
