#include "azure-immutable/azure_settings.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cavra::azure {
namespace {

constexpr const char* kId =
    R"("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc")";

Result<AzureSettings> settings(const std::string& more) {
  return parse_settings(R"({"container": "box")" + more + "}", "/");
}
Result<AzureSettings> of_container(const std::string& more = {}) {
  return settings(R"(, "scope": "container", "account_id": )" + std::string(kId) + more);
}

TEST_CASE("the scope of a container names the account, and asks Azure's own management") {
  CHECK(settings("")->scope == LockScope::version);
  const auto found = of_container();
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->scope == LockScope::container);
  CHECK(found->account == "acc");
  CHECK(found->management_endpoint == "https://management.azure.com");
  CHECK(found->management_audience == "https://management.azure.com/");
  const auto other = of_container(R"(, "management_endpoint": "https://management.example/")");
  REQUIRE(other);
  CHECK(other->management_endpoint == "https://management.example");
  CHECK(other->management_audience == "https://management.example/");
  const auto audience = of_container(R"(, "management_audience": "https://other.example")");
  REQUIRE(audience);
  CHECK(audience->management_audience == "https://other.example/");
}

TEST_CASE("what does not fit the scope is told") {
  for (const std::string& more :
       {std::string(R"(, "scope": "container")"), R"(, "account_id": )" + std::string(kId),
        std::string(R"(, "management_endpoint": "https://management.example")"),
        std::string(R"(, "scope": "container", "account_id": "acc")")}) {
    CAPTURE(more);
    REQUIRE_FALSE(settings(more));
    CHECK(settings(more).error().code == ErrorCode::usage);
  }
  CHECK_FALSE(of_container(R"(, "policy": "explicit")"));
  CHECK_FALSE(of_container(R"(, "account": "other")"));
  CHECK(of_container(R"(, "account": "acc", "policy": "inherit", "mode": "unlocked")"));
}

TEST_CASE("the checksum is what is told, else what the endpoint knows") {
  const auto untold = settings("");
  REQUIRE(untold);
  CHECK(checksum_for(*untold, false) == Checksum::crc64);
  CHECK(checksum_for(*untold, true) == Checksum::md5);
  CHECK(checksum_for(*settings(R"(, "checksum": "md5")"), false) == Checksum::md5);
  CHECK(checksum_for(*settings(R"(, "checksum": "crc64")"), true) == Checksum::crc64);
}

}  // namespace
}  // namespace cavra::azure
