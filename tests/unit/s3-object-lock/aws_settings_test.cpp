#include "s3-object-lock/aws_settings.hpp"

#include <doctest/doctest.h>

#include <array>

#include "s3-object-lock/aws_test_data.hpp"
#include "temporary_folder.hpp"
#include "vectors.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::s3::testing;
using cavra::JsonValue;
using cavra::testing::outcome;
using cavra::testing::run_vectors;
using cavra::testing::text_of;
using cavra::testing::VectorOutcome;

Result<AwsSettings> resolve(std::string_view config, std::string_view credentials,
                            Variables variables = {},
                            const std::optional<std::string>& profile = std::nullopt) {
  CAVRA_TRY(const AwsProfiles profiles, profiles_of(config, credentials));
  return resolve_aws_settings(profiles, profile, environment_of(std::move(variables)));
}

// "" for a column that is null or not there.
std::string text_or_none(const JsonValue& row, std::string_view column) {
  const JsonValue* const value = row.find(column);
  return value == nullptr || value->is_null() ? std::string() : text_of(row, column);
}

// botocore does not know AWS_REGION; the other tools of AWS do.
std::string expected_region(const JsonValue& row, const Variables& variables) {
  const auto region = variables.find("AWS_REGION");
  if (region == variables.end() || variables.contains("AWS_DEFAULT_REGION"))
    return text_or_none(row, "region");
  return region->second;
}

TEST_CASE("settings are those of a botocore session") {
  run_vectors("awsconfig/resolve.jsonl", [](const JsonValue& row) {
    Variables variables{{"AWS_EC2_METADATA_DISABLED", "true"}};
    for (const auto& [name, value] : *row.find("env")->if_object())
      variables[name] = *value.if_string();
    std::optional<std::string> profile;
    if (!row.find("profile")->is_null()) profile = text_of(row, "profile");
    const auto settings =
        resolve(text_of(row, "config"), text_of(row, "credentials"), variables, profile);
    if (!settings || row.find("error") != nullptr)
      return outcome(!settings && row.find("error") != nullptr);

    if (settings->region != expected_region(row, variables) ||
        settings->credentials.method() != text_or_none(row, "method"))
      return VectorOutcome::failed;
    const auto* const keys = std::get_if<AwsStaticKeys>(&settings->credentials.origin);
    if (keys == nullptr || !settings->credentials.roles.empty())
      return outcome(text_or_none(row, "access_key").empty());
    return outcome(keys->access_key_id == text_or_none(row, "access_key") &&
                   reveal(keys->secret_access_key) == text_or_none(row, "secret_key") &&
                   reveal(keys->session_token) == text_or_none(row, "session_token"));
  });
}

TEST_CASE("the profile is the explicit one, else the environment's, else default") {
  constexpr std::string_view kConfig =
      "[default]\nregion=d\n[profile a]\nregion=a\n[profile b]\nregion=b\n";
  const auto region = [&](const Variables& variables,
                          const std::optional<std::string>& profile = std::nullopt) {
    const auto settings = resolve(kConfig, "", variables, profile);
    REQUIRE(settings);
    CHECK((settings->profile == "default" ? "d" : settings->profile) == settings->region);
    return settings->region;
  };
  CHECK(region({}) == "d");
  CHECK(region({{"AWS_PROFILE", "a"}}) == "a");
  CHECK(region({{"AWS_PROFILE", "a"}, {"AWS_DEFAULT_PROFILE", "b"}}) == "b");
  CHECK(region({{"AWS_PROFILE", "none"}}, "a") == "a");
}

TEST_CASE("a profile that is named must be there, the default one need not") {
  REQUIRE(resolve("", ""));
  CHECK(resolve("", "")->profile == "default");
  struct Row {
    Variables variables;
    std::optional<std::string> profile;
    std::string_view named_by;
  };
  const std::array rows{
      Row{{{"AWS_PROFILE", "nope"}}, {}, "AWS_PROFILE"},
      Row{{{"AWS_PROFILE", ""}}, {}, "AWS_PROFILE"},
      Row{{{"AWS_PROFILE", "default"}}, {}, "AWS_PROFILE"},
      Row{{{"AWS_DEFAULT_PROFILE", "nope"}}, {}, "AWS_DEFAULT_PROFILE"},
      Row{{}, "default", "settings"},
      // Keys of the environment do not make up for it.
      Row{{{"AWS_PROFILE", "nope"}, {"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}},
          {},
          "AWS_PROFILE"},
  };
  for (const auto& [variables, profile, named_by] : rows) {
    CAPTURE(named_by);
    const auto settings = resolve("[other]\n", "[another]\n", variables, profile);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().code == ErrorCode::usage);
    CHECK(settings.error().message.find(named_by) != std::string::npos);
  }
}

TEST_CASE("the region is the environment's before the profile's") {
  constexpr std::string_view kConfig = "[default]\nregion=file\n";
  struct Row {
    Variables variables;
    std::string_view region;
  };
  const std::array rows{
      Row{{}, "file"},
      Row{{{"AWS_REGION", "one"}}, "one"},
      Row{{{"AWS_DEFAULT_REGION", "two"}}, "two"},
      Row{{{"AWS_REGION", "one"}, {"AWS_DEFAULT_REGION", "two"}}, "two"},
      Row{{{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", ""}}, "file"},
  };
  for (const auto& [variables, region] : rows) {
    CAPTURE(region);
    CHECK(resolve(kConfig, "", variables)->region == region);
  }
}

TEST_CASE("an endpoint comes from the nearest place that has one") {
  constexpr std::string_view kAll =
      "[default]\nservices=x\nendpoint_url=http://all\n[services x]\ns3=\n"
      " endpoint_url = http://s3\n addressing_style = path\n";
  constexpr std::string_view kOff =
      "[default]\nignore_configured_endpoint_urls=True\nendpoint_url=http://all\n";
  struct Row {
    std::string_view config;
    Variables variables;
    std::string_view s3;
    std::string_view sts;
  };
  const std::array rows{
      Row{"", {}, "", ""},
      Row{"[default]\nendpoint_url=http://all\n", {}, "http://all", "http://all"},
      Row{kAll, {}, "http://s3", "http://all"},
      Row{kAll, {{"AWS_ENDPOINT_URL", "http://env"}}, "http://env", "http://env"},
      Row{kAll,
          {{"AWS_ENDPOINT_URL", "http://env"}, {"AWS_ENDPOINT_URL_S3", "http://near"}},
          "http://near",
          "http://env"},
      Row{kAll, {{"AWS_ENDPOINT_URL_STS", "http://sts"}}, "http://s3", "http://sts"},
      Row{kAll, {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE"}}, "", ""},
      Row{kOff, {{"AWS_ENDPOINT_URL", "http://env"}}, "", ""},
      Row{kOff, {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"}}, "http://all", "http://all"},
      // A section that is missing counts where it is looked for.
      Row{"[default]\nservices=y\n",
          {{"AWS_ENDPOINT_URL", "http://env"}},
          "http://env",
          "http://env"},
  };
  for (const auto& [config, variables, s3, sts] : rows) {
    CAPTURE(config);
    const auto settings = resolve(config, "", variables);
    REQUIRE(settings);
    CHECK(settings->endpoints.s3 == s3);
    CHECK(settings->endpoints.sts == sts);
  }
  const auto missing = resolve("[default]\n\nservices=y\n", "");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find("\"config\", line 3") != std::string::npos);
}

TEST_CASE("the other settings are the environment's, else the profile's") {
  const auto plain = resolve("", "");
  REQUIRE(plain);
  CHECK(plain->ca_bundle.empty());
  CHECK_FALSE(plain->max_attempts.has_value());
  CHECK(plain->addressing_style.empty());
  CHECK_FALSE(plain->use_fips);
  CHECK_FALSE(plain->use_dualstack);
  CHECK_FALSE(plain->use_global_sts);
  REQUIRE(plain->instance_metadata);
  CHECK(plain->instance_metadata->endpoint == "http://169.254.169.254");

  constexpr std::string_view kConfig =
      "[default]\nca_bundle=/a b/c.pem\nmax_attempts=5\nuse_fips_endpoint=true\n"
      "use_dualstack_endpoint=false\nsts_regional_endpoints=legacy\nec2_metadata_service_endpoint_"
      "mode=IPv6\n"
      "s3=\n addressing_style=virtual\n use_dualstack_endpoint=true\n";
  const auto file = resolve(kConfig, "");
  REQUIRE(file);
  CHECK(file->ca_bundle == "/a b/c.pem");
  CHECK(file->max_attempts == 5);
  CHECK(file->addressing_style == "virtual");
  CHECK(file->use_fips);
  CHECK(file->use_dualstack);
  CHECK(file->use_global_sts);
  CHECK(file->instance_metadata->endpoint == "http://[fd00:ec2::254]");

  const auto near = resolve(kConfig, "",
                            {{"AWS_CA_BUNDLE", "/d.pem"},
                             {"AWS_MAX_ATTEMPTS", "1"},
                             {"AWS_USE_FIPS_ENDPOINT", "False"},
                             {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:8/"}});
  REQUIRE(near);
  CHECK(near->ca_bundle == "/d.pem");
  CHECK(near->max_attempts == 1);
  CHECK_FALSE(near->use_fips);
  CHECK(near->instance_metadata->endpoint == "http://127.0.0.1:8");
  CHECK_FALSE(resolve(kConfig, "", {{"AWS_EC2_METADATA_DISABLED", "true"}})->instance_metadata);
}

TEST_CASE("a value of the wrong kind is an error that names its place, not the value") {
  struct Row {
    std::string_view config;
    Variables variables;
    std::string_view place;
  };
  const std::array rows{
      Row{"[default]\nmax_attempts=hidden\n", {}, "\"config\", line 2"},
      Row{"[default]\nmax_attempts=0\n", {}, "\"config\", line 2"},
      Row{"", {{"AWS_MAX_ATTEMPTS", "3 hidden"}}, "AWS_MAX_ATTEMPTS"},
      Row{"", {{"AWS_MAX_ATTEMPTS", "-1"}}, "AWS_MAX_ATTEMPTS"},
      Row{"", {{"AWS_MAX_ATTEMPTS", "4294967296"}}, "AWS_MAX_ATTEMPTS"},
      Row{"", {{"AWS_USE_FIPS_ENDPOINT", "1"}}, "AWS_USE_FIPS_ENDPOINT"},
      Row{"", {{"AWS_EC2_METADATA_DISABLED", "hidden"}}, "AWS_EC2_METADATA_DISABLED"},
      Row{"[default]\nsts_regional_endpoints=hidden\n", {}, "\"config\", line 2"},
      Row{"", {{"AWS_STS_REGIONAL_ENDPOINTS", "hidden"}}, "AWS_STS_REGIONAL_ENDPOINTS"},
      Row{"[default]\n\nuse_dualstack_endpoint=hidden\n", {}, "\"config\", line 3"},
      Row{"[default]\ns3 =\n  addressing_style = hidden\n", {}, "\"config\", line 2"},
      Row{"[default]\nec2_metadata_service_endpoint_mode=hidden\n", {}, "\"config\", line 2"},
  };
  for (const auto& [config, variables, place] : rows) {
    CAPTURE(config);
    CAPTURE(place);
    const auto settings = resolve(config, "", variables);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().code == ErrorCode::usage);
    CHECK(settings.error().message.starts_with(place));
    CHECK(settings.error().message.find("hidden") == std::string::npos);
  }
}

TEST_CASE("settings are loaded from the files that the environment names") {
  const cavra::testing::TemporaryFolder folder;
  const auto settings = load_aws_settings(
      "p", environment_of({{"AWS_CONFIG_FILE", folder.write("a", "[profile p]\nregion=r\n")},
                           {"AWS_SHARED_CREDENTIALS_FILE", folder.file("none")}}));
  REQUIRE(settings);
  CHECK(settings->region == "r");
  CHECK_FALSE(load_aws_settings(
      {}, environment_of({{"AWS_CONFIG_FILE", folder.write("b", "no section\n")}})));
}

}  // namespace
}  // namespace cavra::s3
