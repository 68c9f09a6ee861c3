#include "azure_environment.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/http_url.hpp"
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
  [[nodiscard]] Result<void> find_place(AzureEnvironment& found) const;
  [[nodiscard]] Result<void> check_key(const AzureEnvironment& found) const;
  [[nodiscard]] Result<AzureIdentity> identity() const;
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
  const bool is_query =
      token.find("sig=") != std::string_view::npos && std::ranges::all_of(token, [](char c) {
        return c > ' ' && c <= '~' && c != '#' && c != '?';
      });
  if (!is_query) return wrong(place + ": it is no shared access signature (\"sv=…&sig=…\")");
  return std::optional(AzureIdentity{.way = Sas{Secret(as_bytes(token))}, .place = place});
}

Result<AzureIdentity> Finder::az_login() const {
  const std::string tenant_id = first_of({options_.tenant_id, variable("AZURE_TENANT_ID")});
  CAVRA_CHECK(check_id("AZURE_TENANT_ID", tenant_id));
  return AzureIdentity{.way = AzLogin{tenant_id}, .place = "\"authentication\": \"az\""};
}

Result<AzureIdentity> Finder::identity() const {
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

// Of "ACCOUNT.blob.core.windows.net"; of others the host does not tell.
std::string account_in(const std::string& blob_endpoint) {
  const auto url = cloud::parse_http_url(blob_endpoint);
  const std::size_t dot = url ? url->host.find('.') : std::string::npos;
  const bool tells = dot != std::string::npos && url->host.compare(dot, 6, ".blob.") == 0;
  return tells ? url->host.substr(0, dot) : "";
}

// It becomes a part of a host's name.
bool is_account(std::string_view text) {
  return text.size() >= 3 && text.size() <= 24 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

Result<void> Finder::find_place(AzureEnvironment& found) const {
  found.account =
      first_of({options_.account, variable("AZURE_STORAGE_ACCOUNT"), connection_.account});
  if (!found.account.empty() && !is_account(found.account))
    return wrong("the account (\"account\", AZURE_STORAGE_ACCOUNT, the connection string's) " +
                 quoted(found.account, 80) + " is none: 3 to 24 lower-case letters and digits");
  const std::string of_cloud =
      found.account.empty() ? "" : "https://" + found.account + ".blob.core.windows.net";
  found.blob_endpoint = first_of({options_.endpoint, variable("AZURE_STORAGE_BLOB_ENDPOINT"),
                                  connection_.blob_endpoint, of_cloud});
  if (found.blob_endpoint.empty())
    return wrong("no account: set \"account\" or AZURE_STORAGE_ACCOUNT");
  const std::string told = account_in(found.blob_endpoint);
  if (!found.account.empty() && !told.empty() && told != found.account)
    return wrong(
        "the blob endpoint (\"endpoint\", AZURE_STORAGE_BLOB_ENDPOINT, the connection "
        "string's) is of the account " +
        quoted(told, 80) + ", and the account is " + quoted(found.account));
  return {};
}

// With its key the locks of an account that are not locked can be undone, and the account deleted:
// it is taken where somebody asks for it, and by emulators.
Result<void> Finder::check_key(const AzureEnvironment& found) const {
  if (!found.identity.is_shared_key()) return {};
  if (found.account.empty())
    return wrong("the account's key is there, and its name is not: set AZURE_STORAGE_ACCOUNT");
  const auto url = cloud::parse_http_url(found.blob_endpoint);
  const bool is_emulator = url && url->is_loopback();
  if (is_emulator || options_.authentication == "shared_key") return {};
  return Error{ErrorCode::refused,
               found.identity.describe() +
                   " may do everything in the account, also what no archive needs; use an "
                   "identity with fewer rights, or set \"authentication\": \"shared_key\" where "
                   "it is meant"};
}

Result<AzureEnvironment> Finder::find() {
  if (const auto text = cloud::get_secret(environment_, kConnectionString); !text.empty()) {
    CAVRA_TRY(connection_, parse_connection_string(text));
  }
  AzureEnvironment found;
  CAVRA_CHECK(find_place(found));
  CAVRA_TRY(found.identity, identity());
  if (found.identity.place == kConnectionString && !connection_.account.empty() &&
      connection_.account != found.account)
    return wrong(std::string(kConnectionString) + " is of another account than " +
                 quoted(found.account));
  CAVRA_CHECK(check_key(found));
  return found;
}

}  // namespace

Result<AzureEnvironment> load_azure_environment(const AzureOptions& options,
                                                const cloud::Environment& environment) {
  return Finder(options, environment).find();
}

}  // namespace cavra::azure
