#include "azure-immutable/account_id.hpp"

#include <doctest/doctest.h>

#include "azure-immutable/azure_address.hpp"

namespace cavra::azure {
namespace {

constexpr std::string_view kBegin = "/subscriptions/1f-2/resourceGroups/";
constexpr std::string_view kEnd = "/providers/Microsoft.Storage/storageAccounts/acc";

std::string id_of(std::string_view group) {
  return std::string(kBegin) + std::string(group) + std::string(kEnd);
}

TEST_CASE("an account's id, and where its container's policy is") {
  const auto found = parse_account_id(id_of("evidence-(prod)_1.eu"));
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->subscription == "1f-2");
  CHECK(found->resource_group == "evidence-(prod)_1.eu");
  CHECK(found->account == "acc");
  CHECK(found->policy_path("box") ==
        "/subscriptions/1f-2/resourceGroups/evidence-%28prod%29_1.eu/providers/Microsoft.Storage/"
        "storageAccounts/acc/blobServices/default/containers/box/immutabilityPolicies/default");
}

TEST_CASE("what is no account's id is refused") {
  for (const std::string& text :
       {std::string(), std::string("acc"), std::string("/subscriptions/s"), id_of(""), id_of(".."),
        id_of("."), id_of("a/b"), id_of("g."), id_of("g'; rm -rf /"), id_of("%2e%2e"),
        id_of("g") + "/", "x" + id_of("g"), id_of("g") + "/blobServices/default", id_of("g\\"),
        id_of("two words"), id_of("g\n")}) {
    CAPTURE(text);
    const auto found = parse_account_id(text);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::usage);
  }
}

TEST_CASE("whose account an endpoint shows") {
  struct Row {
    const char* endpoint;
    const char* account;
  };
  for (const auto& [endpoint, account] :
       {Row{"https://acc.blob.core.windows.net", "acc"},
        Row{"https://acc.privatelink.blob.core.windows.net/", "acc"},
        Row{"https://acc.z01.blob.storage.azure.net", "acc"},
        Row{"https://evidence.example.com/acc", "evidence"},
        Row{"http://127.0.0.1:10000/acc", "acc"}, Row{"http://localhost/acc/", "acc"},
        Row{"http://127.0.0.1:10000", ""}}) {
    CAPTURE(endpoint);
    const auto address = AzureAddress::make(endpoint, "box");
    REQUIRE(address);
    CHECK(address->account() == account);
  }
}

}  // namespace
}  // namespace cavra::azure
