#include "aws_credential_source.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "aws_credential_origins.hpp"
#include "aws_setting.hpp"

namespace cavra::s3 {
namespace {

using Origin = decltype(AwsCredentialSource::origin);

Error wrong(const AwsProfile& profile, std::string_view key, const std::string& problem) {
  return {ErrorCode::usage, profile.place(key) + ": " + problem, false};
}

cloud::Environment no_environment() {
  return [](std::string_view) { return std::nullopt; };
}

template <class Found>
Origin origin_of(std::optional<Found> found) {
  return found ? Origin(*std::move(found)) : Origin();
}

bool has_origin(const Origin& origin) {
  return !std::holds_alternative<std::monostate>(origin);
}

// A role beside a token's file is assumed with the token, not with other credentials.
bool assumes_role(const AwsProfile& profile) {
  return !profile.text("role_arn").empty() && profile.text("web_identity_token_file").empty();
}

bool has_static_keys(const AwsProfile& profile) {
  return profile.find("aws_access_key_id") != nullptr ||
         profile.find("aws_secret_access_key") != nullptr;
}

Result<AwsRole> role_of(const AwsProfile& profile) {
  AwsRole role{.profile = profile.name,
               .role_arn = profile.text("role_arn"),
               .role_session_name = profile.text("role_session_name"),
               .external_id = profile.text("external_id"),
               .mfa_serial = profile.text("mfa_serial"),
               .duration_s = {}};
  CAVRA_TRY(role.duration_s,
            number_of({profile.text("duration_seconds"), profile.place("duration_seconds")}));
  return role;
}

class Search {
 public:
  Search(const AwsProfiles& profiles, const cloud::Environment& environment)
      : profiles_(profiles), environment_(environment) {}

  // Keys and the like of the profile itself; `environment` for web identity.
  Result<Origin> find_in_profile(const AwsProfile& profile,
                                 const cloud::Environment& environment) const {
    CAVRA_TRY(auto identity, find_web_identity(profile, environment));
    if (identity) return origin_of(std::move(identity));
    CAVRA_TRY(auto sso, find_sso(profiles_, profile));
    if (sso) return origin_of(std::move(sso));
    CAVRA_TRY(auto keys,
              find_keys_in_file(profile.credentials, AwsKeyPlace::shared_credentials_file));
    if (keys) return origin_of(std::move(keys));
    if (auto process = find_process(profile)) return origin_of(std::move(process));
    CAVRA_TRY(auto config_keys, find_keys_in_file(profile.config, AwsKeyPlace::config_file));
    return origin_of(std::move(config_keys));
  }

  // The roles from that profile's on, by its source profiles, and what is at the end of them.
  Result<AwsCredentialSource> follow_roles(const AwsProfile& first) const {
    AwsCredentialSource source;
    std::set<std::string, std::less<>> visited{first.name};
    for (const AwsProfile* at = &first;;) {
      CAVRA_TRY(AwsRole role, role_of(*at));
      source.roles.push_back(std::move(role));
      CAVRA_TRY(const AwsProfile* const next, find_source_profile(*at));
      if (next == nullptr) {
        CAVRA_TRY(source.origin, find_named_source(*at));
        break;
      }
      // A profile may name itself, for keys that it has beside the role.
      const bool is_first_visit = visited.insert(next->name).second;
      if (!is_first_visit && (next->name != at->name || !has_static_keys(*next)))
        return wrong(*at, "source_profile", "the source profiles go in a circle");
      if (has_static_keys(*next) || !assumes_role(*next)) {
        CAVRA_TRY(source.origin, find_in_profile(*next, no_environment()));
        if (!has_origin(source.origin))
          return wrong(*at, "source_profile", "this source profile has no credentials");
        break;
      }
      at = next;
    }
    std::ranges::reverse(source.roles);
    return source;
  }

 private:
  // Null: it names another source.
  Result<const AwsProfile*> find_source_profile(const AwsProfile& profile) const {
    const std::string name = profile.text("source_profile");
    const bool has_source = !profile.text("credential_source").empty();
    if (name.empty() && !has_source)
      return wrong(profile, "role_arn",
                   "a role is without source_profile or credential_source: who assumes it?");
    if (name.empty()) return nullptr;
    if (has_source)
      return wrong(profile, "role_arn", "a role has both source_profile and credential_source");
    const AwsProfile* const found = profiles_.find(name);
    if (found == nullptr) return wrong(profile, "source_profile", "there is no such profile");
    return found;
  }

  Result<Origin> find_named_source(const AwsProfile& profile) const {
    const std::string name = profile.text("credential_source");
    Origin origin;
    if (name == "Environment") {
      CAVRA_TRY(auto keys, find_keys_in_environment(environment_));
      origin = origin_of(std::move(keys));
    } else if (name == "EcsContainer") {
      origin = origin_of(find_container(environment_));
    } else if (name == "Ec2InstanceMetadata") {
      CAVRA_TRY(auto metadata, find_aws_instance_metadata(profile, environment_));
      origin = origin_of(std::move(metadata));
    } else {
      return wrong(profile, "credential_source",
                   "it takes Environment, EcsContainer or Ec2InstanceMetadata");
    }
    if (!has_origin(origin))
      return wrong(profile, "credential_source", "there are no credentials at this source");
    return origin;
  }

  const AwsProfiles& profiles_;
  const cloud::Environment& environment_;
};

constexpr std::string_view name_of(AwsKeyPlace place) {
  switch (place) {
    case AwsKeyPlace::environment:
      return "env";
    case AwsKeyPlace::shared_credentials_file:
      return "shared-credentials-file";
    case AwsKeyPlace::config_file:
      return "config-file";
  }
  return {};
}

struct NameOfOrigin {
  std::string_view operator()(const std::monostate&) const { return {}; }
  std::string_view operator()(const AwsStaticKeys& keys) const { return name_of(keys.place); }
  std::string_view operator()(const AwsWebIdentity&) const {
    return "assume-role-with-web-identity";
  }
  std::string_view operator()(const AwsSso&) const { return "sso"; }
  std::string_view operator()(const AwsProcess&) const { return "custom-process"; }
  std::string_view operator()(const AwsContainer&) const { return "container-role"; }
  std::string_view operator()(const AwsInstanceMetadata&) const { return "iam-role"; }
};

}  // namespace

std::string_view AwsCredentialSource::method() const {
  return roles.empty() ? std::visit(NameOfOrigin{}, origin) : "assume-role";
}

Result<AwsCredentialSource> find_aws_credentials(const AwsProfiles& profiles,
                                                 const AwsProfile& profile,
                                                 bool is_profile_explicit,
                                                 const cloud::Environment& environment) {
  AwsCredentialSource source;
  const cloud::Environment own = is_profile_explicit ? no_environment() : environment;
  CAVRA_TRY(auto keys, find_keys_in_environment(own));
  if (keys) {
    source.origin = *std::move(keys);
    return source;
  }
  const Search search(profiles, environment);
  if (assumes_role(profile)) return search.follow_roles(profile);
  CAVRA_TRY(source.origin, search.find_in_profile(profile, own));
  if (has_origin(source.origin)) return source;
  source.origin = origin_of(find_container(environment));
  if (has_origin(source.origin)) return source;
  CAVRA_TRY(auto metadata, find_aws_instance_metadata(profile, environment));
  source.origin = origin_of(std::move(metadata));
  return source;
}

}  // namespace cavra::s3
