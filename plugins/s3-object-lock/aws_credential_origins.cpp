#include "aws_credential_origins.hpp"

#include <array>
#include <utility>

#include "aws_credentials.hpp"
#include "aws_setting.hpp"
#include "cavra/support/encoding.hpp"
#include "python_text.hpp"

namespace cavra::s3 {
namespace {

Error wrong(const std::string& place, const std::string& problem) {
  return {ErrorCode::usage, place + ": " + problem, false};
}

struct KeyTexts {
  std::string_view id;
  std::string_view secret;
  std::string_view token;
};

Result<std::optional<AwsStaticKeys>> make_keys(AwsKeyPlace place, const KeyTexts& texts,
                                               const std::string& where) {
  if (!fits_a_header(texts.id)) return wrong(where, "an access key id is ASCII without spaces");
  if (!fits_a_header(texts.token)) return wrong(where, "a session token is ASCII without spaces");
  return std::optional<AwsStaticKeys>(
      AwsStaticKeys{.place = place,
                    .access_key_id = std::string(texts.id),
                    .secret_access_key = Secret(as_bytes(texts.secret)),
                    .session_token = Secret(as_bytes(texts.token))});
}

std::string_view text_of(const AwsValue* value) {
  return value == nullptr ? std::string_view() : std::string_view(value->text);
}

}  // namespace

// A secret key alone says nothing, nor does an empty id.
Result<std::optional<AwsStaticKeys>> find_keys_in_environment(
    const cloud::Environment& environment) {
  const std::string id = cloud::get(environment, "AWS_ACCESS_KEY_ID");
  if (id.empty()) return std::optional<AwsStaticKeys>{};
  const std::string secret = cloud::get(environment, "AWS_SECRET_ACCESS_KEY");
  if (secret.empty())
    return wrong("AWS_ACCESS_KEY_ID", "it is set, and AWS_SECRET_ACCESS_KEY is not");
  std::string token = cloud::get(environment, "AWS_SECURITY_TOKEN");
  if (token.empty()) token = cloud::get(environment, "AWS_SESSION_TOKEN");
  return make_keys(AwsKeyPlace::environment, {id, secret, token}, "the environment's AWS keys");
}

// Both keys of one file: an id in one and a secret in the other are no pair. botocore takes empty
// ones, and fails where the service sees them.
Result<std::optional<AwsStaticKeys>> find_keys_in_file(const AwsKeys& keys, AwsKeyPlace place) {
  const AwsValue* const id = keys.find("aws_access_key_id");
  if (id == nullptr) return std::optional<AwsStaticKeys>{};
  const std::string where = keys.place("aws_access_key_id");
  if (id->text.empty()) return wrong(where, "aws_access_key_id is empty");
  const std::string_view secret = text_of(keys.find("aws_secret_access_key"));
  if (secret.empty())
    return wrong(where, "aws_access_key_id is without an aws_secret_access_key in its section");
  std::string_view token = text_of(keys.find("aws_security_token"));
  if (token.empty()) token = text_of(keys.find("aws_session_token"));
  return make_keys(place, {id->text, secret, token}, where);
}

Result<std::optional<AwsWebIdentity>> find_web_identity(const AwsProfile& profile,
                                                        const cloud::Environment& environment) {
  const AwsSetting token_file =
      aws_setting(environment, "AWS_WEB_IDENTITY_TOKEN_FILE", profile, "web_identity_token_file");
  if (token_file.text.empty()) return std::optional<AwsWebIdentity>{};
  AwsWebIdentity identity{
      .token_file = token_file.text,
      .role_arn = aws_setting(environment, "AWS_ROLE_ARN", profile, "role_arn").text,
      .role_session_name =
          aws_setting(environment, "AWS_ROLE_SESSION_NAME", profile, "role_session_name").text,
      .place = token_file.place};
  if (identity.role_arn.empty())
    return wrong(token_file.place, "a token for a role, and neither AWS_ROLE_ARN nor role_arn");
  return std::optional<AwsWebIdentity>(std::move(identity));
}

Result<std::optional<AwsSso>> find_sso(const AwsProfiles& profiles, const AwsProfile& profile) {
  const bool has_role = !profile.text("sso_role_name").empty();
  const std::string asked_by = has_role ? "sso_role_name" : "sso_account_id";
  if (profile.text(asked_by).empty()) return std::optional<AwsSso>{};

  AwsSso sso{.session = profile.text("sso_session"),
             .start_url = {},
             .region = {},
             .account_id = {},
             .role_name = {},
             .place = profile.place(asked_by)};
  const AwsKeys* const session =
      sso.session.empty() ? nullptr : profiles.find_sso_session(sso.session);
  if (!sso.session.empty() && session == nullptr)
    return wrong(profile.place("sso_session"), "there is no such [sso-session] section");

  const std::array<std::pair<std::string_view, std::string*>, 4> wanted{{
      {"sso_start_url", &sso.start_url},
      {"sso_region", &sso.region},
      {"sso_account_id", &sso.account_id},
      {"sso_role_name", &sso.role_name},
  }};
  for (const auto& [key, value] : wanted) {
    const std::string own = profile.text(key);
    const std::string shared = session == nullptr ? std::string() : session->text(key);
    if (!own.empty() && !shared.empty() && own != shared)
      return wrong(profile.place(key), "the [sso-session] section says otherwise");
    *value = own.empty() ? shared : own;
    if (value->empty()) return wrong(sso.place, asked_by + " is without " + std::string(key));
  }
  return std::optional<AwsSso>(std::move(sso));
}

std::optional<AwsProcess> find_process(const AwsProfile& profile) {
  std::string command = profile.text("credential_process");
  if (command.empty()) return std::nullopt;
  return AwsProcess{std::move(command), profile.place("credential_process")};
}

std::optional<AwsContainer> find_container(const cloud::Environment& environment) {
  AwsContainer container{
      .relative_uri = cloud::get(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
      .full_uri = cloud::get(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
      .authorization_token_file = cloud::get(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
      .authorization_token =
          Secret(as_bytes(cloud::get(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN")))};
  if (container.relative_uri.empty() && container.full_uri.empty()) return std::nullopt;
  return container;
}

Result<std::optional<AwsInstanceMetadata>> find_aws_instance_metadata(
    const AwsProfile& profile, const cloud::Environment& environment) {
  CAVRA_TRY(const bool is_off, truth_of({cloud::get(environment, "AWS_EC2_METADATA_DISABLED"),
                                         "AWS_EC2_METADATA_DISABLED"}));
  if (is_off) return std::optional<AwsInstanceMetadata>{};
  std::string endpoint = aws_setting(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT", profile,
                                     "ec2_metadata_service_endpoint")
                             .text;
  const AwsSetting mode = aws_setting(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                      profile, "ec2_metadata_service_endpoint_mode");
  const std::string word = to_lower(mode.text);
  if (!word.empty() && word != "ipv4" && word != "ipv6")
    return wrong(mode.place, "it takes IPv4 or IPv6");
  if (endpoint.empty())
    endpoint = word == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  if (endpoint.ends_with('/')) endpoint.pop_back();
  return std::optional<AwsInstanceMetadata>(AwsInstanceMetadata{std::move(endpoint)});
}

}  // namespace cavra::s3
