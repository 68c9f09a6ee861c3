#include "azure-immutable/fetch_token.hpp"

#include <doctest/doctest.h>

#include "azure-immutable/certificate_maker.hpp"
#include "cavra/support/encoding.hpp"
#include "cloud/answering_server.hpp"
#include "cloud/host_call.hpp"
#include "temporary_folder.hpp"

namespace cavra::azure {
namespace {

using namespace cavra::cloud::testing;
using cavra::testing::TemporaryFolder;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr const char* kToken = R"({"access_token": "eyJ", "expires_in": 3599})";

Result<Token> fetch(const AzureIdentity& identity) {
  HostCall host;
  return fetch_token(identity, [] { return kNow; }, host.call());
}

AzureIdentity federated(const std::string& authority, const std::string& file) {
  return {.way = FederatedIdentity{{authority, "tenant", "client"}, file}, .place = "FILE"};
}

TEST_CASE("a federated token is shown, read anew each time") {
  const AnsweringServer entra([](const Asked& asked) {
    const bool is_right = asked.method == "POST" && asked.target == "/tenant/oauth2/v2.0/token" &&
                          asked.headers.get("content-type") == "application/x-www-form-urlencoded";
    return Answered{.status = is_right ? 200 : 400, .body = kToken};
  });
  const TemporaryFolder folder;
  const AzureIdentity identity = federated(entra.url(), folder.write("token", "one\n"));
  const auto token = fetch(identity);
  REQUIRE_MESSAGE(token, token.error().message);
  CHECK(as_text(token->value.expose()) == "eyJ");
  CHECK(token->expires_unix_s == kNow + 3599);
  folder.write("token", "two");
  REQUIRE(fetch(identity));
  const auto asked = entra.asked();
  CHECK(asked[0].body ==
        "grant_type=client_credentials&client_id=client"
        "&scope=https%3A%2F%2Fstorage.azure.com%2F.default"
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        "&client_assertion=one");
  CHECK(asked[1].body.ends_with("client_assertion=two"));
}

TEST_CASE("a secret, refused: its word is told, itself is not") {
  const AnsweringServer entra([](const Asked&) {
    return Answered{.status = 401,
                    .body = R"({"error": "invalid_client", "error_description": "geheim"})"};
  });
  const auto token =
      fetch({.way = ClientSecret{{entra.url(), "t", "c"}, Secret(as_bytes("geheim"))},
             .place = "SECRET"});
  REQUIRE_FALSE(token);
  CHECK(token.error().code == ErrorCode::forbidden);
  CHECK(token.error().message.find("invalid_client") != std::string::npos);
  CHECK(token.error().message.find("geheim") == std::string::npos);
  CHECK(entra.asked().front().body.ends_with("client_secret=geheim"));
}

TEST_CASE("what is no token in the federated file is sent to nobody") {
  const AnsweringServer entra([](const Asked&) { return Answered{.status = 200, .body = kToken}; });
  const TemporaryFolder folder;
  for (const char* text : {"", "\n", "root:geheim:0", "{\"token\": \"geheim\"}"}) {
    const auto token = fetch(federated(entra.url(), folder.write("token", text)));
    REQUIRE_FALSE(token);
    CHECK(token.error().code == ErrorCode::usage);
    CHECK(token.error().message.find("has no token") != std::string::npos);
    CHECK(token.error().message.find("geheim") == std::string::npos);
  }
  CHECK(entra.asked().empty());
}

TEST_CASE("a certificate's assertion is for the address that it is sent to, and made anew") {
  const testing::CertificateMaker maker;
  if (!maker.is_there()) return;
  maker.make("app");
  const AnsweringServer entra([](const Asked& asked) {
    return Answered{.status = asked.target == "/tenant/oauth2/v2.0/token" ? 200 : 400,
                    .body = kToken};
  });
  const TemporaryFolder folder;
  const std::string file = folder.write("app.pem", maker.read("app.key") + maker.read("app.crt"));
  const AzureIdentity identity{.way = CertificateIdentity{{entra.url(), "tenant", "client"}, file},
                               .place = "CERTIFICATE"};
  REQUIRE(fetch(identity));
  REQUIRE(fetch(identity));
  const auto asked = entra.asked();
  CHECK(asked[0].body.starts_with("grant_type=client_credentials&client_id=client&scope="));
  CHECK(asked[0].body.find("&client_assertion=eyJ") != std::string::npos);
  CHECK(asked[0].body != asked[1].body);
  folder.write("app.pem", maker.read("app.key"));
  const auto damaged = fetch(identity);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().message.starts_with("CERTIFICATE: the file \"" + file + "\": "));
  CHECK(entra.asked().size() == 2);
}

TEST_CASE("a refusal's number and what to look at are told") {
  struct Row {
    int status;
    const char* body;
    ErrorCode code;
    std::string_view told;
  };
  for (const auto& [status, body, code, told] : {
           Row{401, R"({"error": "invalid_client", "error_codes": [7000222]})",
               ErrorCode::forbidden, "invalid_client, AADSTS7000222: the secret"},
           Row{400, R"({"error": "invalid_request", "error_codes": [90002]})", ErrorCode::usage,
               "AADSTS90002: look at tenant_id"},
           Row{400, R"({"error": "unheard_of"})", ErrorCode::forbidden, "400, unheard_of"},
           Row{400, "<html>geheim</html>", ErrorCode::forbidden, "HTTP status 400"},
       }) {
    CAPTURE(body);
    const AnsweringServer entra(
        [&](const Asked&) { return Answered{.status = status, .body = body}; });
    const auto token = fetch(
        {.way = ClientSecret{{entra.url(), "t", "c"}, Secret(as_bytes("s"))}, .place = "SECRET"});
    REQUIRE_FALSE(token);
    CAPTURE(token.error().message);
    CHECK(token.error().code == code);
    CHECK(token.error().message.find(told) != std::string::npos);
    CHECK(token.error().message.find("geheim") == std::string::npos);
    CHECK(entra.asked().size() == 1);
  }
}

TEST_CASE("an Entra that is not well is asked again") {
  int asked_for = 0;
  const AnsweringServer entra([&](const Asked&) {
    if (++asked_for == 1)
      return Answered{.status = 400, .body = R"({"error": "temporarily_unavailable"})"};
    return Answered{.status = 200, .body = kToken};
  });
  CHECK(fetch(
      {.way = ClientSecret{{entra.url(), "t", "c"}, Secret(as_bytes("s"))}, .place = "SECRET"}));
}

TEST_CASE("the machine's identity, past any proxy, once it is there") {
  int asked_for = 0;
  const AnsweringServer metadata([&](const Asked& asked) {
    const bool is_right = asked.headers.get("metadata") == "true" &&
                          asked.target ==
                              "/metadata/identity/oauth2/token?api-version=2018-02-01"
                              "&resource=https%3A%2F%2Fstorage.azure.com%2F&client_id=c";
    if (!is_right) return Answered{.status = 400};
    if (++asked_for == 1) return Answered{.status = 404};
    return Answered{.status = 200, .body = R"({"access_token": "a", "expires_on": "1800003600"})"};
  });
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto token = fetch({.way = ManagedIdentity{metadata.url(), "c"}, .place = "none"});
  ::unsetenv("http_proxy");
  REQUIRE_MESSAGE(token, token.error().message);
  CHECK(token->expires_unix_s == 1800003600);
}

TEST_CASE("App Service's identity shows its header") {
  const AnsweringServer service([](const Asked& asked) {
    const bool is_right = asked.headers.get("x-identity-header") == "h" &&
                          asked.target.starts_with("/msi?api-version=2019-08-01&resource=");
    return Answered{.status = is_right ? 200 : 400,
                    .body = R"({"access_token": "a", "expires_on": "1800003600"})"};
  });
  CHECK(fetch({.way = AppServiceIdentity{service.url() + "/msi", Secret(as_bytes("h")), ""},
               .place = "E"}));
}

TEST_CASE("where nobody listens, that is said") {
  const auto token = fetch({.way = ManagedIdentity{"http://127.0.0.1:1", ""}, .place = "none"});
  REQUIRE_FALSE(token);
  CHECK(token.error().code == ErrorCode::io);
  CHECK(token.error().message.find("machine of Azure") != std::string::npos);
  const auto no_file = fetch(federated("https://127.0.0.1:1", "/nonexistent"));
  REQUIRE_FALSE(no_file);
  CHECK(no_file.error().code == ErrorCode::usage);
  CHECK(no_file.error().message.find("is not there") != std::string::npos);
}

}  // namespace
}  // namespace cavra::azure
