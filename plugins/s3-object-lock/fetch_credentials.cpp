#include "fetch_credentials.hpp"

#include <utility>
#include <variant>

#include "cavra/support/encoding.hpp"
#include "container_credentials.hpp"
#include "instance_metadata.hpp"
#include "process_credentials.hpp"
#include "sts.hpp"

namespace cavra::s3 {
namespace {

Error no_credentials(const std::string& profile) {
  return {ErrorCode::usage,
          "there are no AWS credentials: none in the environment (AWS_ACCESS_KEY_ID and "
          "AWS_SECRET_ACCESS_KEY), none in profile " +
              quoted(profile) +
              ", no container, and AWS_EC2_METADATA_DISABLED switches the instance's off; set the "
              "variables, or name another profile",
          false};
}

// Nobody named the metadata service: where it does not answer, other credentials were forgotten.
Error no_other_credentials(const std::string& profile, const Error& error) {
  return {error.code,
          error.message + "; it was asked because neither the environment nor profile " +
              quoted(profile) +
              " has AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name "
              "another profile",
          error.retryable};
}

Result<StsService> sts_service(const AwsSettings& settings, bool allows_plain,
                               const UnixClock& clock) {
  CAVRA_TRY(StsEndpoint endpoint, find_sts_endpoint(settings, allows_plain));
  return StsService{.endpoint = std::move(endpoint), .ca_file = settings.ca_bundle, .clock = clock};
}

// Asks the source that it is called with.
struct Asking {
  const AwsSettings& settings;
  bool allows_plain_sts;
  const UnixClock& clock;
  const sdk::Call& call;

  Result<AwsCredentials> operator()(const std::monostate&) const {
    return no_credentials(settings.profile);
  }
  Result<AwsCredentials> operator()(const AwsStaticKeys& keys) const {
    return AwsCredentials{.access_key_id = keys.access_key_id,
                          .secret_access_key = Secret(keys.secret_access_key.expose()),
                          .session_token = Secret(keys.session_token.expose()),
                          .expires_unix_s = {}};
  }
  Result<AwsCredentials> operator()(const AwsWebIdentity& identity) const {
    CAVRA_TRY(const StsService service, sts_service(settings, allows_plain_sts, clock));
    return assume_role_with_web_identity(service, identity, call);
  }
  Result<AwsCredentials> operator()(const AwsSso& sso) const {
    return Error{ErrorCode::unsupported,
                 sso.place +
                     ": credentials of AWS SSO (IAM Identity Center) are not fetched here; log in "
                     "with the AWS CLI, and name a profile that has "
                     "\"credential_process = aws configure export-credentials --profile NAME\" "
                     "with the name of this one",
                 false};
  }
  Result<AwsCredentials> operator()(const AwsProcess& process) const {
    return fetch_process_credentials(process, call);
  }
  Result<AwsCredentials> operator()(const AwsContainer& container) const {
    return fetch_container_credentials(container, settings.ca_bundle, call);
  }
  Result<AwsCredentials> operator()(const AwsInstanceMetadata& metadata) const {
    auto credentials = fetch_instance_credentials(metadata, clock, call);
    const bool is_named = !settings.credentials.roles.empty();
    if (!credentials && credentials.error().code == ErrorCode::io && !is_named)
      return no_other_credentials(settings.profile, credentials.error());
    return credentials;
  }
};

Result<void> check_roles(const AwsCredentialSource& source) {
  for (const AwsRole& role : source.roles) {
    if (role.mfa_serial.empty()) continue;
    return Error{ErrorCode::unsupported,
                 "the role of profile " + quoted(role.profile) +
                     " asks for a code (mfa_serial), which cannot be typed here; put its keys into "
                     "the environment with \"aws configure export-credentials --profile NAME "
                     "--format env\", or use a role without mfa_serial",
                 false};
  }
  return {};
}

}  // namespace

Result<AwsCredentials> fetch_credentials(const AwsSettings& settings, bool allows_plain_sts,
                                         const UnixClock& clock, const sdk::Call& call) {
  const AwsCredentialSource& source = settings.credentials;
  CAVRA_CHECK(check_roles(source));  // before anybody is asked
  CAVRA_TRY(AwsCredentials credentials,
            std::visit(Asking{settings, allows_plain_sts, clock, call}, source.origin));
  if (source.roles.empty()) return credentials;
  CAVRA_TRY(const StsService service, sts_service(settings, allows_plain_sts, clock));
  for (const AwsRole& role : source.roles) {
    CAVRA_TRY(credentials, assume_role(service, role, credentials, call));
  }
  return credentials;
}

std::unique_ptr<CredentialProvider> make_credential_provider(const AwsSettings& settings,
                                                             bool allows_plain_sts,
                                                             UnixClock clock) {
  auto fetch = [&settings, allows_plain_sts, clock](const sdk::Call& call) {
    return fetch_credentials(settings, allows_plain_sts, clock, call);
  };
  return std::make_unique<CredentialProvider>(std::move(fetch), std::move(clock), kAwsMargins);
}

}  // namespace cavra::s3
