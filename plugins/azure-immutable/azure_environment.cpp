#include "azure_environment.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/http_url.hpp"
#include "connection_string.hpp"

namespace cavra::azure {

namespace {

constexpr const char* kConnectionString = "AZURE_STORAGE_CONNECTION_STRING";
constexpr const char* kDefaultAuthority = "https://login.microsoftonline.com";
constexpr std::size_t kMaxFileNameBytes = 1024;
constexpr const char* kMetadataService = "http://169.254.169.254";

Error wrong(const std::string& what) {
  return {ErrorCode::usage, what};
}

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts)
    if (!text.empty()) return text;
  return {};
}

class Finder {
 public:
  Finder(const AzureOptions& options, const cloud::Environment& environment)
      : options_(options), environment_(environment) {}

  Result<AzureEnvironment> find();

 private:
  using Found = Result<std::optional<AzureIdentity>>;

  [[nodiscard]] std::string variable(const char* name) const {
    return cloud::get(environment_, name);
  }
  [[nodiscard]] Result<AzureIdentity> identity();
  [[nodiscard]] Found shared_key() const;
  [[nodiscard]] Found sas() const;
  [[nodiscard]] Found application(bool by_secret) const;
  [[nodiscard]] Found app_service() const;
  [[nodiscard]] Result<AzureIdentity> machine() const;

  const AzureOptions& options_;
  const cloud::Environment& environment_;
  ConnectionString connection_;
};

Finder::Found Finder::shared_key() const {
  const bool is_in_string = !connection_.key.empty();
  const cloud::WipedText text =
      is_in_string ? connection_.key : cloud::WipedText(variable("AZURE_STORAGE_KEY"));
  if (text.empty()) return std::optional<AzureIdentity>{};
  const std::string place = is_in_string ? kConnectionString : "AZURE_STORAGE_KEY";
  auto bytes = from_base64(std::string_view(text));
  if (!bytes || bytes->empty()) return wrong(place + ": the account's key is no base64");
  AzureIdentity found{.way = SharedKey{Secret(*bytes)}, .place = place};
  ::explicit_bzero(bytes->data(), bytes->size());
  return std::optional(std::move(found));
}

Finder::Found Finder::sas() const {
  const bool is_in_string = !connection_.sas.empty();
  const cloud::WipedText text =
      is_in_string ? connection_.sas : cloud::WipedText(variable("AZURE_STORAGE_SAS_TOKEN"));
  if (text.empty()) return std::optional<AzureIdentity>{};
  const std::string_view token = std::string_view(text).substr(text.starts_with('?') ? 1 : 0);
  const std::string place = is_in_string ? kConnectionString : "AZURE_STORAGE_SAS_TOKEN";
  const bool is_query = token.find("sig=") != std::string_view::npos &&
                        token.find_first_of(" \t\r\n#?") == std::string_view::npos;
  if (!is_query) return wrong(place + ": it is no shared access signature (\"sv=…&sig=…\")");
  return std::optional(AzureIdentity{.way = Sas{Secret(as_bytes(token))}, .place = place});
}

// Whoever hands out tokens is told secrets.
Result<std::string> authority_of(std::string text) {
  while (text.ends_with('/'))
    text.pop_back();
  const auto url = cloud::parse_http_url(text);
  if (!url || !url->query.empty() || (!url->is_tls && !url->is_loopback()))
    return wrong("the authority (\"authority\", AZURE_AUTHORITY_HOST) is no https URL");
  return text;
}

Finder::Found Finder::application(bool by_secret) const {
  const char* const proof = by_secret ? "AZURE_CLIENT_SECRET" : "AZURE_FEDERATED_TOKEN_FILE";
  std::string value = variable(proof);
  const std::string client_id = first_of({options_.client_id, variable("AZURE_CLIENT_ID")});
  const std::string tenant_id = first_of({options_.tenant_id, variable("AZURE_TENANT_ID")});
  if (value.empty()) return std::optional<AzureIdentity>{};
  if (!by_secret && (value.starts_with("eyJ") || value.size() > kMaxFileNameBytes))
    return wrong(std::string(proof) + " has a token, or none; it takes the name of a token's file");
  if (client_id.empty() || tenant_id.empty())
    return wrong(std::string(proof) + " is set, and AZURE_CLIENT_ID or AZURE_TENANT_ID is not");
  CAVRA_TRY(std::string authority,
            authority_of(first_of(
                {options_.authority, variable("AZURE_AUTHORITY_HOST"), kDefaultAuthority})));
  AzureIdentity found{.way = {}, .place = proof};
  if (by_secret)
    found.way = ClientSecret{std::move(authority), tenant_id, client_id, Secret(as_bytes(value))};
  else
    found.way = FederatedIdentity{std::move(authority), tenant_id, client_id, value};
  cloud::wipe(value);
  return std::optional(std::move(found));
}

Finder::Found Finder::app_service() const {
  std::string header = variable("IDENTITY_HEADER");
  const std::string endpoint = variable("IDENTITY_ENDPOINT");
  if (endpoint.empty() || header.empty()) return std::optional<AzureIdentity>{};
  if (!variable("IMDS_ENDPOINT").empty())
    return Error{ErrorCode::unsupported,
                 "IDENTITY_ENDPOINT with IMDS_ENDPOINT is Azure Arc, whose identity is not asked "
                 "for here; use workload identity federation"};
  if (!cloud::parse_http_url(endpoint)) return wrong("IDENTITY_ENDPOINT is no URL");
  AzureIdentity found{
      .way = AppServiceIdentity{endpoint, Secret(as_bytes(header)),
                                first_of({options_.client_id, variable("AZURE_CLIENT_ID")})},
      .place = "IDENTITY_ENDPOINT"};
  cloud::wipe(header);
  return std::optional(std::move(found));
}

Result<AzureIdentity> Finder::machine() const {
  const std::string endpoint =
      first_of({variable("AZURE_POD_IDENTITY_AUTHORITY_HOST"), kMetadataService});
  if (!cloud::parse_http_url(endpoint)) return wrong("AZURE_POD_IDENTITY_AUTHORITY_HOST is no URL");
  return AzureIdentity{
      .way = ManagedIdentity{endpoint, first_of({options_.client_id, variable("AZURE_CLIENT_ID")})},
      .place = "nothing else is configured"};
}

Result<AzureIdentity> Finder::identity() {
  const std::string& wanted = options_.authentication;
  const bool is_auto = wanted.empty() || wanted == "auto";
  const std::pair<const char*, std::function<Found()>> ways[] = {
      {"sas", [this] { return sas(); }},
      {"shared_key", [this] { return shared_key(); }},
      {"workload_identity", [this] { return application(false); }},
      {"client_secret", [this] { return application(true); }},
      {"app_service", [this] { return app_service(); }},
  };
  for (const auto& [name, find] : ways) {
    if (!is_auto && wanted != name) continue;
    CAVRA_TRY(auto found, find());
    if (found) return *std::move(found);
    if (!is_auto)
      return wrong("/authentication: \"" + wanted +
                   "\", and the environment has nothing of it; see the plugin's page");
  }
  return machine();
}

Result<AzureEnvironment> Finder::find() {
  if (const cloud::WipedText text(variable(kConnectionString)); !text.empty()) {
    CAVRA_TRY(connection_, parse_connection_string(text));
  }
  AzureEnvironment found;
  found.account =
      first_of({options_.account, variable("AZURE_STORAGE_ACCOUNT"), connection_.account});
  const std::string of_cloud =
      found.account.empty() ? "" : "https://" + found.account + ".blob.core.windows.net";
  found.blob_endpoint = first_of({options_.endpoint, variable("AZURE_STORAGE_BLOB_ENDPOINT"),
                                  connection_.blob_endpoint, of_cloud});
  if (found.blob_endpoint.empty())
    return wrong("no account: set \"account\" or AZURE_STORAGE_ACCOUNT");
  CAVRA_TRY(found.identity, identity());
  if (found.account.empty() && found.identity.is_shared_key())
    return wrong("the account's key is there, and its name is not: set AZURE_STORAGE_ACCOUNT");
  return found;
}

}  // namespace

Result<AzureEnvironment> load_azure_environment(const AzureOptions& options,
                                                const cloud::Environment& environment) {
  return Finder(options, environment).find();
}

}  // namespace cavra::azure
