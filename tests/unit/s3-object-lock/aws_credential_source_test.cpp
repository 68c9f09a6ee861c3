#include "s3-object-lock/aws_credential_source.hpp"

#include <doctest/doctest.h>

#include <array>

#include "s3-object-lock/aws_test_data.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::s3::testing;

// For the profile "p".
Result<AwsCredentialSource> find(std::string_view config, std::string_view credentials,
                                 const Variables& variables = {}, bool is_explicit = false) {
  CAVRA_TRY(const AwsProfiles profiles, profiles_of(config, credentials));
  const AwsProfile none{.name = "p", .credentials = {}, .config = {}};
  const AwsProfile* const found = profiles.find("p");
  return find_aws_credentials(profiles, found == nullptr ? none : *found, is_explicit,
                              environment_of(variables));
}

constexpr std::string_view kKeys = "[p]\naws_access_key_id=FILE\naws_secret_access_key=S\n";
constexpr std::string_view kConfigKeys =
    "[profile p]\naws_access_key_id=CONFIG\naws_secret_access_key=S\n";

TEST_CASE("the first source that is configured counts") {
  const std::string sso =
      "[profile p]\nsso_start_url=u\nsso_region=r\nsso_account_id=a\nsso_role_name=n\n";
  const std::string role = "role_arn=arn\nsource_profile=p\n";
  const Variables keys{{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "S"}};
  const Variables token{{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "arn"}};
  const Variables container{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2"}};
  const Variables off{{"AWS_EC2_METADATA_DISABLED", "true"}};
  struct Row {
    std::string config;
    std::string_view credentials;
    Variables variables;
    bool is_explicit;
    std::string_view method;
  };
  const std::string config_keys(kConfigKeys);
  const std::array rows{
      Row{"", "", {}, false, "iam-role"},
      Row{"", "", off, false, ""},
      Row{"", "", container, false, "container-role"},
      Row{"", "", container, true, "container-role"},
      Row{config_keys, "", container, false, "config-file"},
      Row{config_keys + "credential_process=c\n", "", {}, false, "custom-process"},
      Row{config_keys + "credential_process=c\n", kKeys, {}, false, "shared-credentials-file"},
      Row{config_keys + "credential_process=\n", "", {}, false, "config-file"},
      Row{sso, kKeys, {}, false, "sso"},
      Row{sso, kKeys, token, false, "assume-role-with-web-identity"},
      Row{sso, kKeys, token, true, "sso"},
      Row{"", "", token, false, "assume-role-with-web-identity"},
      Row{config_keys + role, "", token, false, "assume-role"},
      Row{config_keys + role, "", keys, false, "env"},
      Row{config_keys + role, "", keys, true, "assume-role"},
      Row{"[profile p]\nrole_arn=arn\nweb_identity_token_file=/t\n",
          "",
          {},
          true,
          "assume-role-with-web-identity"},
  };
  for (const auto& [config, credentials, variables, is_explicit, method] : rows) {
    CAPTURE(config);
    CAPTURE(is_explicit);
    const auto source = find(config, credentials, variables, is_explicit);
    REQUIRE(source);
    CHECK(source->method() == method);
  }
}

TEST_CASE("keys come whole from one place") {
  const auto keys = [](std::string_view config, std::string_view credentials,
                       const Variables& variables = {}) {
    auto source = find(config, credentials, variables);
    REQUIRE(source);
    REQUIRE(std::holds_alternative<AwsStaticKeys>(source->origin));
    return std::get<AwsStaticKeys>(std::move(source->origin));
  };
  const AwsStaticKeys env = keys(kConfigKeys, kKeys,
                                 {{"AWS_ACCESS_KEY_ID", "ENV"},
                                  {"AWS_SECRET_ACCESS_KEY", "T"},
                                  {"AWS_SESSION_TOKEN", "token"}});
  CHECK(env.place == AwsKeyPlace::environment);
  CHECK(env.access_key_id == "ENV");
  CHECK(reveal(env.secret_access_key) == "T");
  CHECK(reveal(env.session_token) == "token");

  // An old token's name wins; a secret without an id says nothing.
  const AwsStaticKeys old =
      keys("", std::string(kKeys) + "aws_session_token=new\naws_security_token=old\n",
           {{"AWS_SECRET_ACCESS_KEY", "T"}, {"AWS_ACCESS_KEY_ID", ""}, {"AWS_SESSION_TOKEN", "t"}});
  CHECK(old.place == AwsKeyPlace::shared_credentials_file);
  CHECK(reveal(old.secret_access_key) == "S");
  CHECK(reveal(old.session_token) == "old");
  CHECK(keys(kConfigKeys, "[p]\naws_secret_access_key=T\n").place == AwsKeyPlace::config_file);
}

TEST_CASE("half a pair of keys is an error, not a look elsewhere") {
  struct Row {
    std::string_view config;
    std::string credentials;
    Variables variables;
    std::string_view place;
  };
  const std::array rows{
      Row{kConfigKeys, std::string(kKeys), {{"AWS_ACCESS_KEY_ID", "HIDDEN"}}, "AWS_ACCESS_KEY_ID"},
      Row{kConfigKeys, "[p]\naws_access_key_id=HIDDEN\n", {}, "\"credentials\", line 2"},
      Row{"[profile p]\naws_access_key_id=HIDDEN\n",
          "[p]\naws_secret_access_key=HIDDEN\n",
          {},
          "\"config\", line 2"},
      Row{"",
          "[p]\naws_access_key_id=\naws_secret_access_key=HIDDEN\n",
          {},
          "\"credentials\", line 2"},
      Row{"",
          "[p]\naws_access_key_id=HIDDEN\naws_secret_access_key=\n",
          {},
          "\"credentials\", line 2"},
      Row{"",
          "[p]\naws_access_key_id=HIDDEN\n x\naws_secret_access_key=HIDDEN\n",
          {},
          "\"credentials\", line 2"},
      Row{"", std::string(kKeys) + "aws_session_token=HIDDEN\n x\n", {}, "\"credentials\", line 2"},
  };
  for (const auto& [config, credentials, variables, place] : rows) {
    CAPTURE(credentials);
    const auto source = find(config, credentials, variables);
    REQUIRE_FALSE(source);
    CAPTURE(source.error().message);
    CHECK(source.error().code == ErrorCode::usage);
    CHECK(source.error().message.starts_with(place));
    CHECK(source.error().message.find("HIDDEN") == std::string::npos);
  }
}

TEST_CASE("roles are told from the one that is assumed first") {
  const auto source = find(
      "[profile p]\nrole_arn=last\nsource_profile=q\nexternal_id=e\nduration_seconds=900\n"
      "role_session_name=n\nmfa_serial=m\n"
      "[profile q]\nrole_arn=first\nsource_profile=r\n"
      "[profile r]\nrole_arn=unused\nsource_profile=p\n",
      "[r]\naws_access_key_id=A\naws_secret_access_key=S\n",
      {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/t"}, {"AWS_ROLE_ARN", "unused"}});
  REQUIRE(source);
  REQUIRE(source->roles.size() == 2);
  CHECK(source->roles[0].profile == "q");
  CHECK(source->roles[0].role_arn == "first");
  CHECK_FALSE(source->roles[0].duration_s.has_value());
  const AwsRole& last = source->roles[1];
  CHECK(last.profile == "p");
  CHECK(last.role_arn == "last");
  CHECK(last.external_id == "e");
  CHECK(last.duration_s == 900);
  CHECK(last.role_session_name == "n");
  CHECK(last.mfa_serial == "m");
  REQUIRE(std::holds_alternative<AwsStaticKeys>(source->origin));
  CHECK(std::get<AwsStaticKeys>(source->origin).access_key_id == "A");
}

TEST_CASE("a role names where its first credentials come from") {
  const auto method = [](std::string_view named, const Variables& variables) {
    auto source = find("[profile p]\nrole_arn=a\ncredential_source=" + std::string(named) + "\n",
                       "", variables, true);
    REQUIRE(source);
    CHECK(source->method() == "assume-role");
    source->roles.clear();
    return std::string(source->method());
  };
  CHECK(method("Environment", {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}}) ==
        "env");
  CHECK(method("EcsContainer", {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "u"}}) == "container-role");
  CHECK(method("Ec2InstanceMetadata", {}) == "iam-role");
}

TEST_CASE("a role that cannot be assumed is an error with its place") {
  struct Row {
    std::string config;
    std::string_view place;
    std::string_view problem;
  };
  const std::string head = "[profile p]\nrole_arn=a\n";
  const std::array rows{
      Row{head, "line 2", "without source_profile"},
      Row{head + "source_profile=q\ncredential_source=Environment\n", "line 2", "both"},
      Row{head + "source_profile=q\n", "line 3", "no such profile"},
      Row{head + "source_profile=q\n[profile q]\n", "line 3", "no credentials"},
      Row{head + "source_profile=p\n", "line 3", "circle"},
      Row{head + "source_profile=q\n[profile q]\nrole_arn=b\nsource_profile=p\n", "line 6",
          "circle"},
      Row{head + "source_profile=q\n[profile q]\nrole_arn=b\nsource_profile=q\n", "line 6",
          "circle"},
      Row{head + "source_profile=q\naws_access_key_id=A\naws_secret_access_key=S\n"
                 "[profile q]\nrole_arn=b\nsource_profile=p\n",
          "line 8", "circle"},
      Row{head + "credential_source=environment\n", "line 3", "it takes"},
      Row{head + "credential_source=Environment\n", "line 3", "no credentials"},
      Row{head + "credential_source=EcsContainer\n", "line 3", "no credentials"},
      Row{head + "credential_source=Ec2InstanceMetadata\n", "line 3", "no credentials"},
      Row{head + "duration_seconds=long\n", "line 3", "whole number"},
      Row{"[profile p]\nweb_identity_token_file=/t\n", "line 2", "role_arn"},
  };
  for (const auto& [config, place, problem] : rows) {
    CAPTURE(config);
    const auto source = find(config, "", {{"AWS_EC2_METADATA_DISABLED", "true"}});
    REQUIRE_FALSE(source);
    CAPTURE(source.error().message);
    CHECK(source.error().code == ErrorCode::usage);
    CHECK(source.error().message.find(place) != std::string::npos);
    CHECK(source.error().message.find(problem) != std::string::npos);
  }
}

TEST_CASE("long chains of roles take little time") {
  std::string config = "[profile p]\nrole_arn=a\nsource_profile=0\n";
  for (int i = 0; i < 15'000; ++i)
    config += "[profile " + std::to_string(i) +
              "]\nrole_arn=a\nsource_profile=" + std::to_string(i + 1) + "\n";
  CHECK_FALSE(find(config, ""));
}

TEST_CASE("SSO is told whole, from the profile and its session") {
  constexpr std::string_view kSession =
      "[sso-session corp]\nsso_region=r\nsso_start_url=u\nsso_registration_scopes=s\n";
  const auto source = find(std::string(kSession) +
                               "[profile p]\nsso_session=corp\nsso_account_id=1\nsso_role_name=n\n"
                               "sso_region=r\n",
                           "");
  REQUIRE(source);
  REQUIRE(std::holds_alternative<AwsSso>(source->origin));
  const auto& sso = std::get<AwsSso>(source->origin);
  CHECK(sso.session == "corp");
  CHECK(sso.start_url == "u");
  CHECK(sso.region == "r");
  CHECK(sso.account_id == "1");
  CHECK(sso.role_name == "n");

  struct Row {
    std::string config;
    std::string_view place;
    std::string_view problem;
  };
  const std::array rows{
      Row{"[profile p]\nsso_account_id=1\n", "line 2", "sso_start_url"},
      Row{"[profile p]\nsso_role_name=n\nsso_start_url=u\nsso_region=r\n", "line 2",
          "sso_account_id"},
      Row{"[profile p]\nsso_role_name=n\nsso_session=none\n", "line 3", "no such"},
      Row{std::string(kSession) +
              "[profile p]\nsso_session=corp\nsso_account_id=1\nsso_role_name=n\nsso_region=x\n",
          "line 9", "otherwise"},
  };
  for (const auto& [config, place, problem] : rows) {
    CAPTURE(config);
    const auto wrong = find(config, kKeys);
    REQUIRE_FALSE(wrong);
    CAPTURE(wrong.error().message);
    CHECK(wrong.error().message.find(place) != std::string::npos);
    CHECK(wrong.error().message.find(problem) != std::string::npos);
  }
}

TEST_CASE("what names a service is told as it stands") {
  const auto process = find("[profile p]\ncredential_process=\"/a b\" c\n", "");
  REQUIRE(process);
  CHECK(std::get<AwsProcess>(process->origin).command == "\"/a b\" c");

  const auto container = find("", "",
                              {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "u"},
                               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "t"},
                               {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "f"}});
  REQUIRE(container);
  const auto& asked = std::get<AwsContainer>(container->origin);
  CHECK(asked.full_uri == "u");
  CHECK(asked.relative_uri.empty());
  CHECK(reveal(asked.authorization_token) == "t");
  CHECK(asked.authorization_token_file == "f");

  const auto identity = find("[profile p]\nweb_identity_token_file=/t\nrole_arn=a\n", "",
                             {{"AWS_ROLE_SESSION_NAME", "n"}});
  REQUIRE(identity);
  const auto& web = std::get<AwsWebIdentity>(identity->origin);
  CHECK(web.token_file == "/t");
  CHECK(web.role_arn == "a");
  CHECK(web.role_session_name == "n");
}

}  // namespace
}  // namespace cavra::s3
