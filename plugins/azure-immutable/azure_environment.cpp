#include "azure_environment.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "connection_string.hpp"
#include "entra_application.hpp"
#include "machine_identity.hpp"

namespace cavra::azure {

namespace {

constexpr const char* kConnectionString = "AZURE_STORAGE_CONNECTION_STRING";

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
  [[nodiscard]] std::string variable(const char* name) const {
    return cloud::get(environment_, name);
  }
  [[nodiscard]] Result<AzureIdentity> identity();
  [[nodiscard]] FoundIdentity shared_key() const;
  [[nodiscard]] FoundIdentity sas() const;
  [[nodiscard]] Result<AzureIdentity> az_login() const;

  const AzureOptions& options_;
  const cloud::Environment& environment_;
  ConnectionString connection_;
};

FoundIdentity Finder::shared_key() const {
  const bool is_in_string = !connection_.key.empty();
  const cloud::WipedText text =
      is_in_string ? connection_.key : cloud::get_secret(environment_, "AZURE_STORAGE_KEY");
  if (text.empty()) return std::optional<AzureIdentity>{};
  const std::string place = is_in_string ? kConnectionString : "AZURE_STORAGE_KEY";
  auto bytes = from_base64(std::string_view(text));
  if (!bytes || bytes->empty()) return wrong(place + ": the account's key is no base64");
  AzureIdentity found{.way = SharedKey{Secret(*bytes)}, .place = place};
  ::explicit_bzero(bytes->data(), bytes->size());
  return std::optional(std::move(found));
}

FoundIdentity Finder::sas() const {
  const bool is_in_string = !connection_.sas.empty();
  const cloud::WipedText text =
      is_in_string ? connection_.sas : cloud::get_secret(environment_, "AZURE_STORAGE_SAS_TOKEN");
  if (text.empty()) return std::optional<AzureIdentity>{};
  const std::string_view token = std::string_view(text).substr(text.starts_with('?') ? 1 : 0);
  const std::string place = is_in_string ? kConnectionString : "AZURE_STORAGE_SAS_TOKEN";
  const bool is_query = token.find("sig=") != std::string_view::npos &&
                        token.find_first_of(" \t\r\n#?") == std::string_view::npos;
  if (!is_query) return wrong(place + ": it is no shared access signature (\"sv=…&sig=…\")");
  return std::optional(AzureIdentity{.way = Sas{Secret(as_bytes(token))}, .place = place});
}

Result<AzureIdentity> Finder::az_login() const {
  const std::string tenant_id = first_of({options_.tenant_id, variable("AZURE_TENANT_ID")});
  CAVRA_CHECK(check_id("AZURE_TENANT_ID", tenant_id));
  return AzureIdentity{.way = AzLogin{tenant_id}, .place = "\"authentication\": \"az\""};
}

Result<AzureIdentity> Finder::identity() {
  const std::string& wanted = options_.authentication;
  const bool is_auto = wanted.empty() || wanted == "auto";
  // A person's login is taken where it is asked for, and never instead of another identity.
  if (wanted == "az") return az_login();
  const auto by = [this](auto origin) {
    return [this, origin] { return origin(options_, environment_); };
  };
  const std::pair<const char*, std::function<FoundIdentity()>> ways[] = {
      {"sas", [this] { return sas(); }},
      {"shared_key", [this] { return shared_key(); }},
      {"workload_identity", by(find_federated)},
      {"client_secret", by(find_client_secret)},
      {"client_certificate", by(find_certificate)},
      {"app_service", by(find_app_service)},
  };
  for (const auto& [name, find] : ways) {
    if (!is_auto && wanted != name) continue;
    CAVRA_TRY(auto found, find());
    if (found) return *std::move(found);
    if (!is_auto)
      return wrong("/authentication: \"" + wanted +
                   "\", and the environment has nothing of it; see the plugin's page");
  }
  return find_machine(options_, environment_);
}

Result<AzureEnvironment> Finder::find() {
  if (const auto text = cloud::get_secret(environment_, kConnectionString); !text.empty()) {
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
