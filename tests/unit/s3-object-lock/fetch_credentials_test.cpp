#include "s3-object-lock/fetch_credentials.hpp"

#include <doctest/doctest.h>

#include <atomic>

#include "cloud/answering_server.hpp"
#include "cloud/host_call.hpp"
#include "s3-object-lock/aws_test_data.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;

constexpr std::int64_t kNow = 1893456000;  // 2030-01-01T00:00:00Z

// For the profile "p", unless the environment has keys.
Result<AwsSettings> settings_of(std::string_view config, std::string_view credentials,
                                Variables variables) {
  CAVRA_TRY(const AwsProfiles profiles, profiles_of(config, credentials));
  if (!config.empty() || !credentials.empty()) variables["AWS_PROFILE"] = "p";
  return resolve_aws_settings(profiles, std::nullopt, environment_of(variables));
}

Result<AwsCredentials> fetch(std::string_view config, std::string_view credentials,
                             const Variables& variables = {}) {
  CAVRA_TRY(const AwsSettings settings, settings_of(config, credentials, variables));
  HostCall host;
  return fetch_credentials(settings, false, [] { return kNow; }, host.call());
}

// STS that gives the keys "1", "2", … for an hour.
Answered answer_of_sts(int number) {
  const std::string text = std::to_string(number);
  return {.status = 200,
          .body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + text +
                  "</AccessKeyId><SecretAccessKey>s" + text + "</SecretAccessKey><SessionToken>t" +
                  text +
                  "</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration></Credentials>"
                  "</AssumeRoleResult></AssumeRoleResponse>",
          .headers = {}};
}

TEST_CASE("keys that are there are given") {
  const auto credentials = fetch(
      "", "",
      {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_SESSION_TOKEN", "T"}});
  REQUIRE(credentials);
  CHECK(credentials->access_key_id == "A");
  CHECK(reveal(credentials->secret_access_key) == "S");
  CHECK(reveal(credentials->session_token) == "T");
  CHECK_FALSE(credentials->expires_unix_s.has_value());
}

TEST_CASE("each role is assumed with the credentials of the one before") {
  std::atomic<int> number = 0;
  const AnsweringServer sts([&](const Asked&) { return answer_of_sts(++number); });
  const auto credentials = fetch(
      "[profile p]\nrole_arn=last\nsource_profile=q\n"
      "[profile q]\nrole_arn=first\nsource_profile=r\n",
      "[r]\naws_access_key_id=A\naws_secret_access_key=S\n",
      {{"AWS_ENDPOINT_URL_STS", sts.url()}, {"AWS_REGION", "eu-west-3"}});
  REQUIRE(credentials);
  CHECK(credentials->access_key_id == "2");
  const auto asked = sts.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].body.find("RoleArn=first&") != std::string::npos);
  CHECK(asked[0].headers.get("authorization").find("Credential=A/20300101/eu-west-3/sts/") !=
        std::string::npos);
  CHECK(asked[1].body.find("RoleArn=last&") != std::string::npos);
  CHECK(asked[1].headers.get("authorization").find("Credential=1/") != std::string::npos);
  CHECK(asked[1].headers.get("x-amz-security-token") == "t1");
}

TEST_CASE("a role that asks for a code is refused before anybody is asked") {
  const auto refused = fetch(
      "[profile p]\nrole_arn=a\nsource_profile=q\n"
      "[profile q]\nrole_arn=b\nmfa_serial=m\nsource_profile=r\n"
      "[profile r]\ncredential_process=/nowhere/program\n",
      "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message ==
        "the role of profile \"q\" asks for a code (mfa_serial), which cannot be typed here; put "
        "its keys into the environment with \"aws configure export-credentials --profile NAME "
        "--format env\", or use a role without mfa_serial");
}

TEST_CASE("SSO is refused, with file and line and what to use") {
  const auto refused =
      fetch("[profile p]\nsso_start_url=u\nsso_region=r\nsso_account_id=a\nsso_role_name=n\n", "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK(refused.error().message.starts_with("\"config\", line 5: credentials of AWS SSO"));
  CHECK(refused.error().message.find("credential_process = aws configure export-credentials") !=
        std::string::npos);
}

TEST_CASE("no credentials at all are told with where they could be") {
  const auto none = fetch("", "", {{"AWS_EC2_METADATA_DISABLED", "true"}});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::usage);
  CHECK(none.error().message ==
        "there are no AWS credentials: none in the environment (AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY), none in profile \"default\", no container, and "
        "AWS_EC2_METADATA_DISABLED switches the instance's off; set the variables, or name "
        "another profile");

  const Variables nobody{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"}};
  const auto no_instance = fetch("", "", nobody);
  REQUIRE_FALSE(no_instance);
  CHECK(no_instance.error().code == ErrorCode::io);
  CHECK(no_instance.error().message.ends_with(
      "; it was asked because neither the environment nor profile \"default\" has AWS "
      "credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name another profile"));
  const auto named =
      fetch("[profile p]\nrole_arn=a\ncredential_source=Ec2InstanceMetadata\n", "", nobody);
  REQUIRE_FALSE(named);
  CHECK(named.error().message.ends_with("; is this an EC2 instance?"));
}

TEST_CASE("an endpoint of STS on another machine is not asked by http") {
  const auto refused = fetch("[profile p]\nrole_arn=a\nsource_profile=q\n",
                             "[q]\naws_access_key_id=A\naws_secret_access_key=S\n",
                             {{"AWS_ENDPOINT_URL", "http://192.0.2.1"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::usage);
}

TEST_CASE("the provider of settings fetches a role again when it is told to forget") {
  std::atomic<int> number = 0;
  const AnsweringServer sts([&](const Asked&) { return answer_of_sts(++number); });
  const auto settings = settings_of("[profile p]\nrole_arn=a\nsource_profile=q\n",
                                    "[q]\naws_access_key_id=A\naws_secret_access_key=S\n",
                                    {{"AWS_ENDPOINT_URL", sts.url()}});
  REQUIRE(settings);
  const auto provider = make_credential_provider(*settings, false, [] { return kNow; });
  HostCall host;
  const auto first = provider->get(host.call());
  REQUIRE(first);
  CHECK((*first)->access_key_id == "1");
  provider->forget(*first);
  const auto second = provider->get(host.call());
  REQUIRE(second);
  CHECK((*second)->access_key_id == "2");
}

}  // namespace
}  // namespace cavra::s3
