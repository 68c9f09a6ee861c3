// The single places that credentials may come from, each on its own; aws_credential_source.hpp has
// their order.
//
// None: that one is not configured. Errors: as find_aws_credentials(). Pure functions: any thread.
#pragma once

#include <optional>

#include "aws_credential_source.hpp"

namespace cavra::s3 {

[[nodiscard]] Result<std::optional<AwsStaticKeys>> find_keys_in_environment(
    const cloud::Environment& environment);
[[nodiscard]] Result<std::optional<AwsStaticKeys>> find_keys_in_file(const AwsKeys& keys,
                                                                     AwsKeyPlace place);
[[nodiscard]] Result<std::optional<AwsWebIdentity>> find_web_identity(
    const AwsProfile& profile, const cloud::Environment& environment);
[[nodiscard]] Result<std::optional<AwsSso>> find_sso(const AwsProfiles& profiles,
                                                     const AwsProfile& profile);
[[nodiscard]] std::optional<AwsProcess> find_process(const AwsProfile& profile);
[[nodiscard]] std::optional<AwsContainer> find_container(const cloud::Environment& environment);

}  // namespace cavra::s3
