#include "entra_application.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/http_url.hpp"

namespace cavra::azure {

namespace {

constexpr const char* kDefaultAuthority = "https://login.microsoftonline.com";
constexpr std::size_t kMaxFileNameBytes = 1024;
constexpr std::size_t kMaxIdBytes = 253;  // of a domain

Error wrong(const std::string& what) {
  return {ErrorCode::usage, what};
}

std::string setting_or(const std::string& setting, const cloud::Environment& environment,
                       const char* variable) {
  return setting.empty() ? cloud::get(environment, variable) : setting;
}

// Whoever hands out tokens is told secrets: by TLS, but on this machine.
Result<std::string> authority_of(std::string text) {
  if (text.empty()) return std::string(kDefaultAuthority);
  if (text.find("://") == std::string::npos) text = "https://" + text;  // as Azure's own tools do
  while (text.ends_with('/'))
    text.pop_back();
  const auto url = cloud::parse_http_url(text);
  const bool is_host = url && url->path == "/" && url->query.empty();
  if (!is_host || (!url->is_tls && !url->is_loopback()))
    return wrong("the authority (\"authority\", AZURE_AUTHORITY_HOST) is no https URL of a host");
  return text;
}

// `proof`: the variable that is set.
Result<EntraApplication> application_of(const AzureOptions& options,
                                        const cloud::Environment& environment,
                                        const std::string& proof) {
  EntraApplication application;
  application.client_id = setting_or(options.client_id, environment, "AZURE_CLIENT_ID");
  application.tenant_id = setting_or(options.tenant_id, environment, "AZURE_TENANT_ID");
  if (application.client_id.empty() || application.tenant_id.empty())
    return wrong(proof + " is set, and AZURE_CLIENT_ID or AZURE_TENANT_ID is not");
  CAVRA_CHECK(check_id("AZURE_CLIENT_ID", application.client_id));
  CAVRA_CHECK(check_id("AZURE_TENANT_ID", application.tenant_id));
  CAVRA_TRY(application.authority,
            authority_of(setting_or(options.authority, environment, "AZURE_AUTHORITY_HOST")));
  return application;
}

}  // namespace

Result<void> check_id(const char* variable, std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  const bool is_id = text.size() <= kMaxIdBytes && !text.starts_with('-') &&
                     !text.starts_with('.') && std::ranges::all_of(text, is_letter);
  if (!is_id) return wrong(std::string(variable) + " is no id, and no domain");
  return {};
}

FoundIdentity find_federated(const AzureOptions& options, const cloud::Environment& environment) {
  constexpr const char* kProof = "AZURE_FEDERATED_TOKEN_FILE";
  const cloud::WipedText file = cloud::get_secret(environment, kProof);
  if (file.empty()) return std::optional<AzureIdentity>{};
  if (file.starts_with("eyJ") || file.size() > kMaxFileNameBytes)
    return wrong(std::string(kProof) +
                 " has a token, or none; it takes the name of a token's file");
  CAVRA_TRY(EntraApplication application, application_of(options, environment, kProof));
  return std::optional(AzureIdentity{
      .way = FederatedIdentity{std::move(application), std::string(file)}, .place = kProof});
}

FoundIdentity find_client_secret(const AzureOptions& options,
                                 const cloud::Environment& environment) {
  constexpr const char* kProof = "AZURE_CLIENT_SECRET";
  const cloud::WipedText secret = cloud::get_secret(environment, kProof);
  if (secret.empty()) return std::optional<AzureIdentity>{};
  CAVRA_TRY(EntraApplication application, application_of(options, environment, kProof));
  return std::optional(AzureIdentity{
      .way = ClientSecret{std::move(application), Secret(as_bytes(secret))}, .place = kProof});
}

FoundIdentity find_certificate(const AzureOptions& options, const cloud::Environment& environment) {
  constexpr const char* kProof = "AZURE_CLIENT_CERTIFICATE_PATH";
  const cloud::WipedText file = cloud::get_secret(environment, kProof);
  if (file.empty()) return std::optional<AzureIdentity>{};
  if (file.find("-----BEGIN") != cloud::WipedText::npos || file.size() > kMaxFileNameBytes)
    return wrong(std::string(kProof) +
                 " has a certificate, or none; it takes the name of its file");
  if (const cloud::WipedText password =
          cloud::get_secret(environment, "AZURE_CLIENT_CERTIFICATE_PASSWORD");
      !password.empty())
    return Error{ErrorCode::unsupported,
                 "AZURE_CLIENT_CERTIFICATE_PASSWORD is set, and keys with a password are not read "
                 "here; write the key without one by \"openssl pkey\", to a file that only its "
                 "user can read"};
  CAVRA_TRY(EntraApplication application, application_of(options, environment, kProof));
  return std::optional(AzureIdentity{
      .way = CertificateIdentity{std::move(application), std::string(file)}, .place = kProof});
}

}  // namespace cavra::azure
