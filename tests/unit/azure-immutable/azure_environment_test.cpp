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

Variables with(Variables variables, const Variables& more) {
  variables.insert(more.begin(), more.end());
  return variables;
}

TEST_CASE("where: settings first, then variables, then the connection string, then Azure") {
  const std::string string =
      "DefaultEndpointsProtocol=https;AccountName=in;AccountKey=eA==;EndpointSuffix=core.example";
  const auto found = load_azure_environment({}, of({{"AZURE_STORAGE_CONNECTION_STRING", string}}));
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->account == "in");
  CHECK(found->blob_endpoint == "https://in.blob.core.example");
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
  CHECK(way(with(kFederated, {{"AZURE_STORAGE_KEY", "eA=="}})) ==
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
}

TEST_CASE("who: the one that is asked for, or an error") {
  CHECK(way(with(kFederated, {{"AZURE_STORAGE_KEY", "eA=="}}),
            {.authentication = "workload_identity"})
            .starts_with("application c"));
  CHECK(
      way(with(kFederated, {{"AZURE_STORAGE_KEY", "eA=="}}), {.authentication = "managed_identity"})
          .starts_with("the machine's"));
  CHECK(way({{"AZURE_STORAGE_ACCOUNT", "a"}}, {.authentication = "sas"})
            .starts_with("/authentication"));
}

TEST_CASE("what is wrong is named, and not shown") {
  struct Row {
    Variables variables;
    std::string_view word;
  };
  for (const auto& [variables, word] : {
           Row{{{"AZURE_STORAGE_KEY", "geheim!"}}, "AZURE_STORAGE_KEY"},
           Row{{{"AZURE_STORAGE_SAS_TOKEN", "geheim"}}, "AZURE_STORAGE_SAS_TOKEN"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;geheim"}}, "has no '='"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;geheim=x"}}, "part 2"},
           Row{{{"AZURE_CLIENT_ID", "c"},
                {"AZURE_TENANT_ID", "t"},
                {"AZURE_FEDERATED_TOKEN_FILE", "eyJgeheim"}},
               "token's file"},
           Row{with(kFederated, {{"AZURE_AUTHORITY_HOST", "geheim"}}), "https"},
           Row{{{"AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true"}}, "emulator"},
           Row{{{"AZURE_CLIENT_SECRET", "geheim"}}, "AZURE_TENANT_ID"},
           Row{with(kFederated, {{"AZURE_AUTHORITY_HOST", "http://example.com"}}), "https"},
           Row{{{"IDENTITY_ENDPOINT", "http://127.0.0.1/"},
                {"IDENTITY_HEADER", "geheim"},
                {"IMDS_ENDPOINT", "http://127.0.0.1/"}},
               "Arc"},
       }) {
    CAPTURE(word);
    const std::string told = way(with(variables, {{"AZURE_STORAGE_ACCOUNT", "acc"}}));
    CAPTURE(told);
    CHECK(told.find(word) != std::string::npos);
    CHECK(told.find("geheim") == std::string::npos);
  }
}

}  // namespace
}  // namespace cavra::azure
