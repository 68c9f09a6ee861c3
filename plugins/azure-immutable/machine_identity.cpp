#include "machine_identity.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/http_url.hpp"

namespace cavra::azure {

namespace {

constexpr const char* kMetadataService = "http://169.254.169.254";

Error wrong(const std::string& what) {
  return {ErrorCode::usage, what};
}

bool is_set(const cloud::Environment& environment, const char* variable) {
  return !cloud::get(environment, variable).empty();
}

// What tells one from the other is what Azure's own tools go by:
// https://github.com/Azure/azure-sdk-for-python, sdk/identity, managed_identity.py.
Result<void> check_kind(const cloud::Environment& environment) {
  const auto refuse = [](const std::string& what, const char* instead) -> Result<void> {
    return Error{ErrorCode::unsupported,
                 what + ", whose identity is not asked for here; use " + instead};
  };
  const bool has_endpoint = is_set(environment, "IDENTITY_ENDPOINT");
  if (has_endpoint && is_set(environment, "IMDS_ENDPOINT"))
    return refuse("IDENTITY_ENDPOINT with IMDS_ENDPOINT is Azure Arc",
                  "a client certificate, or workload identity federation");
  if (has_endpoint && is_set(environment, "IDENTITY_SERVER_THUMBPRINT"))
    return refuse("IDENTITY_SERVER_THUMBPRINT is Service Fabric",
                  "a client certificate, or workload identity federation");
  if (!has_endpoint && is_set(environment, "MSI_ENDPOINT"))
    return refuse("MSI_ENDPOINT without IDENTITY_ENDPOINT is Cloud Shell or Machine Learning",
                  "\"authentication\": \"az\", or a client certificate");
  return {};
}

// RFC 3927: 169.254.0.0/16, which no router passes on.
bool is_link_local(const cloud::HttpUrl& url) {
  return url.host.starts_with("169.254.") &&
         url.host.find_first_not_of("0123456789.") == std::string::npos;
}

// Services of the machine itself speak http. Elsewhere somebody on the way could give another
// identity's token, and is told the header.
Result<cloud::HttpUrl> local_url(const std::string& variable, const std::string& text) {
  auto url = cloud::parse_http_url(text);
  if (!url || !url->query.empty()) return wrong(variable + " is no URL of a service");
  if (!url->is_tls && !url->is_loopback() && !is_link_local(*url))
    return wrong(variable + ": http:// is for this machine and 169.254.0.0/16 alone, not for " +
                 quoted(url->host, 200));
  return *std::move(url);
}

Result<std::string> client_id_of(const AzureOptions& options,
                                 const cloud::Environment& environment) {
  std::string id =
      options.client_id.empty() ? cloud::get(environment, "AZURE_CLIENT_ID") : options.client_id;
  CAVRA_CHECK(check_id("AZURE_CLIENT_ID", id));
  return id;
}

}  // namespace

FoundIdentity find_app_service(const AzureOptions& options, const cloud::Environment& environment) {
  CAVRA_CHECK(check_kind(environment));
  constexpr const char* kPlace = "IDENTITY_ENDPOINT";
  const std::string endpoint = cloud::get(environment, kPlace);
  if (endpoint.empty()) return std::optional<AzureIdentity>{};
  const cloud::WipedText header = cloud::get_secret(environment, "IDENTITY_HEADER");
  if (header.empty()) return wrong("IDENTITY_ENDPOINT is set, and IDENTITY_HEADER is not");
  if (!std::ranges::all_of(header, [](char c) { return c > ' ' && c <= '~'; }))
    return wrong("IDENTITY_HEADER has a letter that no header has");
  CAVRA_TRY(const cloud::HttpUrl url, local_url(kPlace, endpoint));
  CAVRA_TRY(std::string client_id, client_id_of(options, environment));
  return std::optional(AzureIdentity{
      .way = AppServiceIdentity{url.text(), Secret(as_bytes(header)), std::move(client_id)},
      .place = kPlace});
}

Result<AzureIdentity> find_machine(const AzureOptions& options,
                                   const cloud::Environment& environment) {
  // Also Azure's own tools', for another service than that of the machine.
  constexpr const char* kVariable = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
  const std::string named = cloud::get(environment, kVariable);
  if (named.empty()) CAVRA_CHECK(check_kind(environment));
  CAVRA_TRY(const cloud::HttpUrl url,
            local_url(kVariable, named.empty() ? std::string(kMetadataService) : named));
  if (url.path != "/") return wrong(std::string(kVariable) + " is no URL of a host");
  CAVRA_TRY(std::string client_id, client_id_of(options, environment));
  const bool is_wanted = options.authentication == "managed_identity";
  std::string place = is_wanted ? "\"authentication\"" : "nothing else is configured";
  if (!named.empty()) place = kVariable;
  std::string endpoint = url.text();
  endpoint.pop_back();
  return AzureIdentity{.way = ManagedIdentity{std::move(endpoint), std::move(client_id)},
                       .place = std::move(place)};
}

}  // namespace cavra::azure
