#include "azure-immutable/management_service.hpp"

#include <doctest/doctest.h>

#include "cavra/support/encoding.hpp"
#include "cloud/answering_server.hpp"
#include "cloud/host_call.hpp"

namespace cavra::azure {
namespace {

using namespace cavra::cloud::testing;

constexpr const char* kPolicy =
    R"({"properties": {"immutabilityPeriodSinceCreationInDays": 9, "state": "Locked"}})";
constexpr const char* kTarget =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc"
    "/blobServices/default/containers/box/immutabilityPolicies/default?api-version=2023-05-01";

std::string refusal(const std::string& code) {
  return R"({"error": {"code": ")" + code + R"(", "message": "Words.\nMore."}})";
}

// Entra and the management in one: tokens count from 1.
class Management {
 public:
  explicit Management(std::function<Answered(const Asked&)> answer)
      : server_([this, answer = std::move(answer)](const Asked& asked) {
          if (asked.method != "POST") return answer(asked);
          return Answered{.body = R"({"access_token": "token)" + std::to_string(++tokens_) +
                                  R"(", "expires_in": 3599})"};
        }) {}

  Result<ContainerPolicy> ask(std::string_view path = {}) {
    AzureSettings settings;
    settings.container = "box";
    settings.account_id = {.subscription = "s", .resource_group = "g", .account = "acc"};
    settings.management_endpoint = server_.url() + std::string(path);
    settings.management_audience = "https://management.azure.com/";
    const auto identity = std::make_shared<const AzureIdentity>(
        AzureIdentity{.way = ClientSecret{{server_.url(), "t", "c"}, Secret(as_bytes("geheim"))},
                      .place = "SECRET"});
    CAVRA_TRY(const auto service, ManagementService::make(settings, identity, {}));
    CAVRA_TRY(const auto session, service->sessions().take());
    HostCall host;
    return service->get_policy(*session, host.call());
  }
  [[nodiscard]] std::vector<Asked> asked() const { return server_.asked(); }

 private:
  int tokens_ = 0;
  AnsweringServer server_;
};

TEST_CASE("a policy is asked for with a token for the management, and nothing else is sent") {
  Management management([](const Asked& asked) {
    const bool is_right = asked.method == "GET" && asked.target == kTarget && asked.body.empty() &&
                          asked.headers.get("authorization") == "Bearer token1";
    return Answered{.status = is_right ? 200 : 400, .body = kPolicy};
  });
  const auto found = management.ask();
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->days == 9);
  CHECK(management.asked().front().body.find(
            "scope=https%3A%2F%2Fmanagement.azure.com%2F.default") != std::string::npos);
}

TEST_CASE("a token that is not taken is fetched anew, once") {
  Management management([](const Asked& asked) {
    if (asked.headers.get("authorization") == "Bearer token2") return Answered{.body = kPolicy};
    return Answered{.status = 401, .body = refusal("ExpiredAuthenticationToken")};
  });
  CHECK(management.ask());
  Management never([](const Asked&) { return Answered{.status = 401, .body = "{}"}; });
  const auto refused = never.ask();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK(refused.error().message.find("token1") == std::string::npos);
}

TEST_CASE("what it refuses, and what follows from it") {
  struct Row {
    int status;
    ErrorCode code;
    std::string body;
    const char* words;
  };
  const Row rows[]{
      {403, ErrorCode::forbidden, refusal("AuthorizationFailed"),
       "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/read"},
      {404, ErrorCode::usage, refusal("ResourceGroupNotFound"), "ResourceGroupNotFound (Words.)"},
      {404, ErrorCode::usage, "<html>", "account_id"},
      {302, ErrorCode::usage, "", "elsewhere"},
      {400, ErrorCode::refused, refusal("InvalidApiVersionParameter"), "InvalidApiVersion"},
      {200, ErrorCode::io, "<html>", "no JSON object"},
      {200, ErrorCode::io, refusal("x"), "no properties"},
      {200, ErrorCode::io, std::string(100'000, ' '), ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    CAPTURE(row.body.substr(0, 100));
    Management management([&](const Asked&) {
      return Answered{.status = row.status, .body = row.body, .headers = {{"location", "/x"}}};
    });
    const auto found = management.ask();
    REQUIRE_FALSE(found);
    CHECK(found.error().code == row.code);
    CHECK_MESSAGE(found.error().message.find(row.words) != std::string::npos,
                  found.error().message);
  }
}

TEST_CASE("no policy is an answer; what passes is asked again") {
  Management none([](const Asked&) {
    return Answered{.status = 404, .body = refusal("ContainerImmutabilityPolicyNotFound")};
  });
  const auto found = none.ask();
  REQUIRE_MESSAGE(found, found.error().message);
  CHECK(found->days == 0);
  int times = 0;
  Management busy([&](const Asked&) {
    if (++times == 1)
      return Answered{
          .status = 429, .body = refusal("TooManyRequests"), .headers = {{"retry-after", "0"}}};
    return Answered{.body = kPolicy};
  });
  CHECK(busy.ask());
}

TEST_CASE("without TLS this machine alone is asked") {
  AzureSettings settings;
  settings.account_id = {.subscription = "s", .resource_group = "g", .account = "acc"};
  const auto identity = std::make_shared<const AzureIdentity>(
      AzureIdentity{.way = ManagedIdentity{"http://127.0.0.1:1", ""}, .place = "none"});
  settings.management_endpoint = "http://management.example";
  const auto refused = ManagementService::make(settings, identity, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::usage);
  settings.management_endpoint = "https://management.example";
  CHECK(ManagementService::make(settings, identity, {}));
}

}  // namespace
}  // namespace cavra::azure
