#include "azure-immutable/azure_environment.hpp"

#include <doctest/doctest.h>

#include <map>

#include "azure-immutable/connection_string.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::azure {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

cloud::Environment of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string way(const Variables& variables, const AzureOptions& options = {}) {
  const auto found = load_azure_environment(options, of(variables));
  return found ? found->identity.describe() : found.error().message;
}

const Variables kFederated{{"AZURE_STORAGE_ACCOUNT", "acc"},
                           {"AZURE_CLIENT_ID", "c"},
                           {"AZURE_TENANT_ID", "t"},
                           {"AZURE_FEDERATED_TOKEN_FILE", "/f"}};

const AzureOptions kEmulator{.endpoint = "http://127.0.0.1:10000/acc"};

Variables with(Variables variables, const Variables& more) {
  variables.insert(more.begin(), more.end());
  return variables;
}

TEST_CASE("where: settings first, then variables, then the connection string, then Azure") {
  const std::string string =
      "DefaultEndpointsProtocol=https;AccountName=inside;SharedAccessSignature=sig=x;"
      "EndpointSuffix=core.example";
  const auto found = load_azure_environment({}, of({{"AZURE_STORAGE_CONNECTION_STRING", string}}));
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->account == "inside");
  CHECK(found->blob_endpoint == "https://inside.blob.core.example");
  const auto named =
      load_azure_environment({.account = "mine"}, of({{"AZURE_STORAGE_ACCOUNT", "x"}}));
  REQUIRE(named);
  CHECK(named->blob_endpoint == "https://mine.blob.core.windows.net");
  CHECK_FALSE(load_azure_environment({}, of({})));
}

TEST_CASE("who: the first that is there") {
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"}}).starts_with("the machine's managed identity"));
  CHECK(way(with(kFederated,
                 {{"IDENTITY_ENDPOINT", "http://127.0.0.1/msi"}, {"IDENTITY_HEADER", "h"}}))
            .starts_with("application c by workload identity federation"));
  CHECK(way(with(kFederated, {{"AZURE_STORAGE_KEY", "eA=="}}), kEmulator) ==
        "the account's key (AZURE_STORAGE_KEY)");
  CHECK(way(with(kFederated,
                 {{"AZURE_STORAGE_KEY", "eA=="}, {"AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=x"}})) ==
        "a shared access signature (AZURE_STORAGE_SAS_TOKEN)");
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"},
             {"AZURE_CLIENT_ID", "c"},
             {"AZURE_TENANT_ID", "t"},
             {"AZURE_CLIENT_SECRET", "s"}}) == "application c by its secret (AZURE_CLIENT_SECRET)");
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"},
             {"IDENTITY_ENDPOINT", "http://127.0.0.1/msi"},
             {"IDENTITY_HEADER", "h"}})
            .starts_with("App Service's managed identity"));
  // As Azure's own tools have it: a secret before a certificate.
  const Variables certificate{{"AZURE_STORAGE_ACCOUNT", "acc"},
                              {"AZURE_CLIENT_ID", "c"},
                              {"AZURE_TENANT_ID", "t"},
                              {"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"}};
  CHECK(way(certificate) == "application c by its certificate (AZURE_CLIENT_CERTIFICATE_PATH)");
  CHECK(way(with(certificate, {{"AZURE_CLIENT_SECRET", "s"}})).find("secret") != std::string::npos);
}

TEST_CASE("who: the one that is asked for, or an error") {
  CHECK(way(with(kFederated, {{"AZURE_STORAGE_KEY", "eA=="}}),
            {.authentication = "workload_identity"})
            .starts_with("application c"));
  CHECK(
      way(with(kFederated, {{"AZURE_STORAGE_KEY", "eA=="}}), {.authentication = "managed_identity"})
          .starts_with("the machine's"));
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"}}, {.authentication = "sas"})
            .starts_with("/authentication"));
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"}}, {.authentication = "client_certificate"})
            .starts_with("/authentication"));
  // Also where there is no variable of it; and never by itself.
  CHECK(way(kFederated, {.authentication = "az"}) ==
        "the login of the Azure CLI (\"authentication\": \"az\")");
}

TEST_CASE("who: the login of the CLI is of the tenant that is named") {
  const auto found = load_azure_environment(
      {.account = "acc", .authentication = "az", .tenant_id = "contoso.example"}, of({}));
  REQUIRE(found);
  CHECK(std::get<AzLogin>(found->identity.way).tenant_id == "contoso.example");
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"}, {"AZURE_TENANT_ID", "--debug"}},
            {.authentication = "az"}) == "AZURE_TENANT_ID is no id, and no domain");
}

TEST_CASE("an authority is a host, with or without https") {
  for (const char* text : {"login.microsoftonline.us", "https://login.microsoftonline.us/"}) {
    const auto found =
        load_azure_environment({}, of(with(kFederated, {{"AZURE_AUTHORITY_HOST", text}})));
    REQUIRE(found);
    CHECK(std::get<FederatedIdentity>(found->identity.way).application.authority ==
          "https://login.microsoftonline.us");
  }
}

TEST_CASE("the account's key is taken where it is asked for, and by emulators") {
  const Variables key{{"AZURE_STORAGE_ACCOUNT", "acc"}, {"AZURE_STORAGE_KEY", "eA=="}};
  const auto refused = load_azure_environment({}, of(key));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::refused);
  CHECK(refused.error().message.starts_with("the account's key (AZURE_STORAGE_KEY) may do"));
  CHECK(way(key, {.authentication = "shared_key"}) == "the account's key (AZURE_STORAGE_KEY)");
  CHECK(way(key, kEmulator) == "the account's key (AZURE_STORAGE_KEY)");
}

TEST_CASE("places that contradict each other, or are none, are told") {
  const Variables account{{"AZURE_STORAGE_ACCOUNT", "acc"}};
  CHECK(way(account, {.endpoint = "https://other.blob.core.windows.net"})
            .find("is of the account \"other\", and the account is \"acc\"") != std::string::npos);
  CHECK(way(account, {.endpoint = "https://acc.privatelink.blob.core.windows.net"})
            .starts_with("the machine's"));
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "evil.example/"}}).find("3 to 24") != std::string::npos);
  CHECK(way({{"AZURE_STORAGE_CONNECTION_STRING",
              "AccountName=other;SharedAccessSignature=sig=geheim;BlobEndpoint=https://blobs"}},
            {.account = "acc"}) ==
        "AZURE_STORAGE_CONNECTION_STRING is of another account than \"acc\"");
}

TEST_CASE("what is wrong is named, and not shown") {
  struct Row {
    Variables variables;
    std::string_view word;
  };
  for (const auto& [variables, word] : {
           Row{{{"AZURE_STORAGE_KEY", "geheim!"}}, "AZURE_STORAGE_KEY"},
           Row{{{"AZURE_STORAGE_SAS_TOKEN", "geheim"}}, "AZURE_STORAGE_SAS_TOKEN"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "AccountName=acc;geheim"}}, "has no '='"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "AccountName=acc;geheim=x"}}, "part 2"},
           Row{{{"AZURE_CLIENT_ID", "c"},
                {"AZURE_TENANT_ID", "t"},
                {"AZURE_FEDERATED_TOKEN_FILE", "eyJgeheim"}},
               "token's file"},
           Row{with(kFederated, {{"AZURE_AUTHORITY_HOST", "ftp://geheim"}}), "https"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true"}}, "emulator"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "AccountName=acc;AccountName=geheim"}},
               "there before"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING",
                 "AccountName=acc;AccountKey=geheim;SharedAccessSignature=geheim"}},
               "leave one out"},
           Row{{{"AZURE_CLIENT_SECRET", "geheim"}}, "AZURE_TENANT_ID"},
           Row{with(kFederated, {{"AZURE_AUTHORITY_HOST", "http://example.com"}}), "https"},
           Row{with(kFederated, {{"AZURE_AUTHORITY_HOST", "https://h/geheim"}}), "https"},
           Row{{{"AZURE_CLIENT_SECRET", "geheim"},
                {"AZURE_CLIENT_ID", "c"},
                {"AZURE_TENANT_ID", "../geheim"}},
               "AZURE_TENANT_ID"},
           Row{{{"AZURE_CLIENT_CERTIFICATE_PATH", "-----BEGIN geheim"}}, "name of its file"},
           Row{{{"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"}}, "AZURE_TENANT_ID"},
           Row{{{"AZURE_CLIENT_CERTIFICATE_PATH", "/c.pem"},
                {"AZURE_CLIENT_CERTIFICATE_PASSWORD", "geheim"}},
               "openssl pkey"},
           Row{{{"IDENTITY_ENDPOINT", "http://127.0.0.1/"},
                {"IDENTITY_HEADER", "geheim"},
                {"IMDS_ENDPOINT", "http://127.0.0.1/"}},
               "Arc"},
           // On a machine of Arc there is no header.
           Row{{{"IDENTITY_ENDPOINT", "http://127.0.0.1/"}, {"IMDS_ENDPOINT", "http://127.0.0.1/"}},
               "Arc"},
           Row{{{"IDENTITY_ENDPOINT", "http://127.0.0.1/"},
                {"IDENTITY_HEADER", "geheim"},
                {"IDENTITY_SERVER_THUMBPRINT", "x"}},
               "Service Fabric"},
           Row{{{"MSI_ENDPOINT", "http://127.0.0.1/"}}, "Cloud Shell"},
           Row{{{"IDENTITY_ENDPOINT", "http://127.0.0.1/"}}, "IDENTITY_HEADER"},
           Row{{{"IDENTITY_ENDPOINT", "http://10.0.0.1/"}, {"IDENTITY_HEADER", "geheim"}},
               "this machine"},
           Row{{{"IDENTITY_ENDPOINT", "http://169.254.evil.example/"},
                {"IDENTITY_HEADER", "geheim"}},
               "this machine"},
           Row{{{"IDENTITY_ENDPOINT", "http://127.0.0.1/"}, {"IDENTITY_HEADER", "geheim\r\nx: y"}},
               "IDENTITY_HEADER"},
           Row{{{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://10.0.0.1"}}, "this machine"},
           Row{{{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1/geheim"}}, "a host"},
           Row{{{"AZURE_CLIENT_ID", "geheim, or not"}}, "AZURE_CLIENT_ID"},
       }) {
    CAPTURE(word);
    const std::string told = way(with(variables, {{"AZURE_STORAGE_ACCOUNT", "acc"}}));
    CAPTURE(told);
    CHECK(told.find(word) != std::string::npos);
    CHECK(told.find("geheim") == std::string::npos);
  }
}

TEST_CASE("a machine of Arc is told where its identity is asked for by name, too") {
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "acc"},
             {"IDENTITY_ENDPOINT", "http://127.0.0.1/"},
             {"IMDS_ENDPOINT", "http://127.0.0.1/"}},
            {.authentication = "managed_identity"})
            .find("Arc") != std::string::npos);
}

}  // namespace
}  // namespace cavra::azure
