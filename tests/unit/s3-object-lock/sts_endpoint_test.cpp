#include "s3-object-lock/sts_endpoint.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cavra::s3 {
namespace {

AwsSettings settings_of(std::string_view region, std::string_view endpoint = "") {
  AwsSettings settings;
  settings.region = region;
  settings.endpoints.sts = endpoint;
  return settings;
}

TEST_CASE("STS is in the region, in the domain of its partition") {
  struct Row {
    std::string_view region;
    bool use_fips, use_dualstack, use_global;
    std::string_view url;
    std::string_view signing_region;
  };
  static constexpr std::array rows{
      Row{"eu-central-1", false, false, false, "https://sts.eu-central-1.amazonaws.com/",
          "eu-central-1"},
      Row{"us-east-1", false, false, false, "https://sts.us-east-1.amazonaws.com/", "us-east-1"},
      Row{"cn-north-1", false, false, true, "https://sts.cn-north-1.amazonaws.com.cn/",
          "cn-north-1"},
      Row{"us-iso-east-1", false, false, false, "https://sts.us-iso-east-1.c2s.ic.gov/",
          "us-iso-east-1"},
      Row{"us-isob-east-1", false, false, false, "https://sts.us-isob-east-1.sc2s.sgov.gov/",
          "us-isob-east-1"},
      Row{"eusc-de-east-1", false, false, false, "https://sts.eusc-de-east-1.amazonaws.eu/",
          "eusc-de-east-1"},
      Row{"", false, false, false, "https://sts.amazonaws.com/", "us-east-1"},
      Row{"aws-global", false, false, false, "https://sts.amazonaws.com/", "us-east-1"},
      Row{"eu-central-1", false, false, true, "https://sts.amazonaws.com/", "us-east-1"},
      Row{"af-south-1", false, false, true, "https://sts.af-south-1.amazonaws.com/", "af-south-1"},
      Row{"us-east-2", true, false, true, "https://sts-fips.us-east-2.amazonaws.com/", "us-east-2"},
      Row{"us-east-2", false, true, false, "https://sts.us-east-2.api.aws/", "us-east-2"},
      Row{"us-east-2", true, true, false, "https://sts-fips.us-east-2.api.aws/", "us-east-2"},
      Row{"us-gov-west-1", true, false, false, "https://sts.us-gov-west-1.amazonaws.com/",
          "us-gov-west-1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    AwsSettings settings = settings_of(row.region);
    settings.use_fips = row.use_fips;
    settings.use_dualstack = row.use_dualstack;
    settings.use_global_sts = row.use_global;
    const auto found = find_sts_endpoint(settings, false);
    REQUIRE(found);
    CHECK(found->url.text() == row.url);
    CHECK(found->region == row.signing_region);
  }
}

TEST_CASE("an endpoint that is configured counts, with the region for its signature") {
  const auto own = find_sts_endpoint(settings_of("eu-west-1", "https://sts.example/x"), false);
  REQUIRE(own);
  CHECK(own->url.text() == "https://sts.example/x");
  CHECK(own->region == "eu-west-1");
  const auto near = find_sts_endpoint(settings_of("", "http://127.0.0.1:8000"), false);
  REQUIRE(near);
  CHECK(near->region == "us-east-1");
  CHECK(find_sts_endpoint(settings_of("", "http://10.0.0.1:8000"), true));
}

TEST_CASE("an endpoint that cannot be is an error that says what to change") {
  struct Row {
    std::string_view region, endpoint;
    bool use_fips;
    std::string_view problem;
  };
  static constexpr std::array rows{
      Row{"evil.example/", "", false, "the region \"evil.example/\" is no name"},
      Row{"EU", "", false, "is no name"},
      Row{"-a", "", false, "is no name"},
      Row{"", "", true, "set AWS_REGION"},
      Row{"", "http://10.0.0.1:8000", false, "use https"},
      Row{"", "sts.example", false, "AWS_ENDPOINT_URL_STS"},
      Row{"", "https://sts.example/?a", false, "AWS_ENDPOINT_URL_STS"},
      Row{"eu-west-1", "https://sts.example/", true, "FIPS"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    AwsSettings settings = settings_of(row.region, row.endpoint);
    settings.use_fips = row.use_fips;
    const auto found = find_sts_endpoint(settings, false);
    REQUIRE_FALSE(found);
    CAPTURE(found.error().message);
    CHECK(found.error().code == ErrorCode::usage);
    CHECK(found.error().message.find(row.problem) != std::string::npos);
  }
}

}  // namespace
}  // namespace cavra::s3
