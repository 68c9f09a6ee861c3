#include "aws_settings.hpp"

#include <utility>

#include "aws_setting.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::s3 {
namespace {

struct NamedProfile {
  std::string name;
  std::string named_by;  // empty: nobody; it is the default
};

// botocore's order. An empty name names no profile, and is an error: which account acts is not
// guessed.
NamedProfile name_of_profile(const std::optional<std::string>& explicit_profile,
                             const cloud::Environment& environment) {
  if (explicit_profile) return {*explicit_profile, "the store's settings"};
  for (const char* const variable : {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"}) {
    if (auto name = environment(variable)) return {*std::move(name), variable};
  }
  return {"default", {}};
}

Result<AwsProfile> find_profile(const AwsProfiles& profiles, const NamedProfile& named) {
  if (const AwsProfile* const found = profiles.find(named.name)) return *found;
  if (named.named_by.empty())
    return AwsProfile{.name = named.name, .credentials = {}, .config = {}};
  return Error{ErrorCode::usage,
               "the profile " + quoted(named.name) + ", which " + named.named_by +
                   " names, is neither in " + quoted(profiles.config().path) + " nor in " +
                   quoted(profiles.credentials().path),
               false};
}

// botocore knows AWS_DEFAULT_REGION alone, the other tools AWS_REGION.
std::string region_of(const AwsProfile& profile, const cloud::Environment& environment) {
  if (std::string region = cloud::get(environment, "AWS_DEFAULT_REGION"); !region.empty())
    return region;
  return aws_setting(environment, "AWS_REGION", profile, "region").text;
}

// The endpoint of one service: `variable` and `key` are its names there.
class EndpointSearch {
 public:
  EndpointSearch(const AwsProfiles& profiles, const AwsProfile& profile,
                 const cloud::Environment& environment)
      : profiles_(profiles), profile_(profile), environment_(environment) {}

  Result<std::string> find(std::string_view variable, std::string_view key) const {
    for (const std::string_view name : {variable, std::string_view("AWS_ENDPOINT_URL")}) {
      if (std::string url = cloud::get(environment_, name); !url.empty()) return url;
    }
    if (const std::string services = profile_.text("services"); !services.empty()) {
      const AwsKeys* const section = profiles_.find_services(services);
      if (section == nullptr)
        return Error{ErrorCode::usage,
                     profile_.place("services") + ": there is no such [services] section", false};
      if (std::string url = section->text(key, "endpoint_url"); !url.empty()) return url;
    }
    return profile_.text("endpoint_url");
  }

 private:
  const AwsProfiles& profiles_;
  const AwsProfile& profile_;
  const cloud::Environment& environment_;
};

Result<AwsEndpoints> find_endpoints(const AwsProfiles& profiles, const AwsProfile& profile,
                                    const cloud::Environment& environment) {
  CAVRA_TRY(const bool are_ignored,
            truth_of(aws_setting(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", profile,
                                 "ignore_configured_endpoint_urls")));
  if (are_ignored) return AwsEndpoints{};
  const EndpointSearch search(profiles, profile, environment);
  AwsEndpoints endpoints;
  CAVRA_TRY(endpoints.s3, search.find("AWS_ENDPOINT_URL_S3", "s3"));
  CAVRA_TRY(endpoints.sts, search.find("AWS_ENDPOINT_URL_STS", "sts"));
  CAVRA_TRY(endpoints.sso, search.find("AWS_ENDPOINT_URL_SSO", "sso"));
  return endpoints;
}

Result<std::string> addressing_style_of(const AwsProfile& profile) {
  std::string style = profile.text("s3", "addressing_style");
  if (style.empty() || style == "path" || style == "virtual" || style == "auto") return style;
  return Error{ErrorCode::usage,
               profile.place("s3") + ": its addressing_style takes path, virtual or auto", false};
}

Result<bool> uses_dualstack(const AwsProfile& profile, const cloud::Environment& environment) {
  CAVRA_TRY(const bool for_all, truth_of(aws_setting(environment, "AWS_USE_DUALSTACK_ENDPOINT",
                                                     profile, "use_dualstack_endpoint")));
  CAVRA_TRY(const bool for_s3,
            truth_of({profile.text("s3", "use_dualstack_endpoint"), profile.place("s3")}));
  return for_all || for_s3;
}

Result<bool> uses_global_sts(const AwsProfile& profile, const cloud::Environment& environment) {
  const AwsSetting setting =
      aws_setting(environment, "AWS_STS_REGIONAL_ENDPOINTS", profile, "sts_regional_endpoints");
  if (setting.text.empty() || setting.text == "regional") return false;
  if (setting.text == "legacy") return true;
  return Error{ErrorCode::usage, setting.place + ": it takes regional or legacy", false};
}

}  // namespace

Result<AwsSettings> resolve_aws_settings(const AwsProfiles& profiles,
                                         const std::optional<std::string>& explicit_profile,
                                         const cloud::Environment& environment) {
  CAVRA_TRY(const AwsProfile profile,
            find_profile(profiles, name_of_profile(explicit_profile, environment)));
  AwsSettings settings;
  settings.profile = profile.name;
  settings.region = region_of(profile, environment);
  CAVRA_TRY(settings.endpoints, find_endpoints(profiles, profile, environment));
  settings.ca_bundle = aws_setting(environment, "AWS_CA_BUNDLE", profile, "ca_bundle").text;
  CAVRA_TRY(settings.max_attempts,
            number_of(aws_setting(environment, "AWS_MAX_ATTEMPTS", profile, "max_attempts")));
  CAVRA_TRY(settings.addressing_style, addressing_style_of(profile));
  CAVRA_TRY(settings.use_fips, truth_of(aws_setting(environment, "AWS_USE_FIPS_ENDPOINT", profile,
                                                    "use_fips_endpoint")));
  CAVRA_TRY(settings.use_dualstack, uses_dualstack(profile, environment));
  CAVRA_TRY(settings.use_global_sts, uses_global_sts(profile, environment));
  CAVRA_TRY(settings.instance_metadata, find_aws_instance_metadata(profile, environment));
  CAVRA_TRY(settings.credentials,
            find_aws_credentials(profiles, profile, explicit_profile.has_value(), environment));
  return settings;
}

Result<AwsSettings> load_aws_settings(const std::optional<std::string>& explicit_profile,
                                      const cloud::Environment& environment) {
  CAVRA_TRY(const AwsProfiles profiles, load_aws_profiles(environment));
  return resolve_aws_settings(profiles, explicit_profile, environment);
}

}  // namespace cavra::s3
