#include "sts_endpoint.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "aws_partition.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::s3 {
namespace {

constexpr std::string_view kGlobalRegion = "us-east-1";
constexpr std::string_view kGlobalUrl = "https://sts.amazonaws.com/";

// botocore's LEGACY_GLOBAL_STS_REGIONS.
constexpr std::array<std::string_view, 16> kLegacyRegions{
    "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
    "aws-global",     "ca-central-1", "eu-central-1",   "eu-north-1",
    "eu-west-1",      "eu-west-2",    "eu-west-3",      "sa-east-1",
    "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2"};

Error wrong(const std::string& problem) {
  return {ErrorCode::usage, problem, false};
}

Result<StsEndpoint> configured_endpoint(const AwsSettings& settings, bool allows_plain) {
  const std::string named =
      "the endpoint of STS (AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL or endpoint_url)";
  if (settings.use_fips || settings.use_dualstack)
    return wrong(named + " goes with neither FIPS nor dual-stack endpoints; take one of them out");
  auto url = cloud::parse_http_url(settings.endpoints.sts);
  if (!url || !url->query.empty()) return wrong(named + " is no URL of https, or has a query");
  if (!url->is_tls && !url->is_loopback() && !allows_plain)
    return wrong(named +
                 " is http to another machine, which shows the keys to the network; use "
                 "https, or AWS_ENDPOINT_URL_STS for an endpoint of its own");
  return StsEndpoint{*std::move(url),
                     settings.region.empty() ? std::string(kGlobalRegion) : settings.region};
}

std::string url_of_region(const AwsSettings& settings) {
  const AwsPartition& partition = partition_of(settings.region);
  // GovCloud's endpoints are FIPS's own.
  const bool is_government = settings.region.starts_with("us-gov-") && !settings.use_dualstack;
  const std::string_view name = settings.use_fips && !is_government ? "sts-fips" : "sts";
  const std::string_view suffix =
      settings.use_dualstack ? partition.dualstack_suffix : partition.suffix;
  return "https://" + std::string(name) + "." + settings.region + "." + std::string(suffix) + "/";
}

}  // namespace

Result<StsEndpoint> find_sts_endpoint(const AwsSettings& settings, bool allows_plain) {
  const std::string& region = settings.region;
  if (!region.empty() && !is_region_name(region))
    return wrong("the region " + quoted(region) + " is no name of a region");
  if (!settings.endpoints.sts.empty()) return configured_endpoint(settings, allows_plain);
  const bool has_variant = settings.use_fips || settings.use_dualstack;
  if (region.empty() && has_variant)
    return wrong("FIPS and dual-stack endpoints of STS are of one region; set AWS_REGION");
  const bool is_legacy = settings.use_global_sts && !has_variant &&
                         std::ranges::find(kLegacyRegions, region) != kLegacyRegions.end();
  const bool is_global = region.empty() || region == "aws-global" || is_legacy;
  return StsEndpoint{
      *cloud::parse_http_url(is_global ? std::string(kGlobalUrl) : url_of_region(settings)),
      is_global ? std::string(kGlobalRegion) : region};
}

}  // namespace cavra::s3
