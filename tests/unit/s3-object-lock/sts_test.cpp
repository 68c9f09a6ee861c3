#include "s3-object-lock/sts.hpp"

#include <doctest/doctest.h>

#include <array>

#include "cloud/answering_server.hpp"
#include "cloud/host_call.hpp"
#include "http/digest.hpp"
#include "s3-object-lock/aws_test_data.hpp"
#include "temporary_folder.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;
using cavra::testing::TemporaryFolder;

constexpr std::int64_t kNow = 1893456000;  // 2030-01-01T00:00:00Z

std::string answer_to(const std::string& action) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials>"
         "<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>S/+</SecretAccessKey>"
         "<SessionToken>TOKEN</SessionToken><Expiration>2030-01-01T01:00:00Z</Expiration>"
         "</Credentials></" +
         action + "Result></" + action + "Response>";
}

StsService service_at(const AnsweringServer& server, std::string_view path = "/") {
  return {.endpoint = {.url = *cloud::parse_http_url(server.url() + std::string(path)),
                       .region = "eu-central-1"},
          .ca_file = {},
          .clock = [] { return kNow; }};
}

AwsCredentials own_credentials(std::string_view token) {
  return {.access_key_id = "AKIA",
          .secret_access_key = Secret(as_bytes("own secret")),
          .session_token = Secret(as_bytes(token)),
          .expires_unix_s = {}};
}

AwsRole role_of(std::string_view name = "") {
  return {.profile = "p",
          .role_arn = "arn:aws:iam::1:role/r",
          .role_session_name = std::string(name),
          .external_id = {},
          .mfa_serial = {},
          .duration_s = {}};
}

TEST_CASE("a role is assumed by a signed request") {
  const AnsweringServer sts([](const Asked&) {
    return Answered{.status = 200, .body = answer_to("AssumeRole"), .headers = {}};
  });
  AwsRole role = role_of("me");
  role.external_id = "a b&c";
  role.duration_s = 900;
  const AwsCredentials own = own_credentials("old token");
  HostCall host;
  const auto credentials = assume_role(service_at(sts, "/sts/"), role, own, host.call());
  REQUIRE(credentials);
  CHECK(credentials->access_key_id == "ASIA");
  CHECK(reveal(credentials->secret_access_key) == "S/+");
  CHECK(reveal(credentials->session_token) == "TOKEN");
  CHECK(credentials->expires_unix_s == kNow + 3600);

  const auto asked = sts.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].method == "POST");
  CHECK(asked[0].target == "/sts/");
  CHECK(asked[0].body ==
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
        "&RoleSessionName=me&ExternalId=a%20b%26c&DurationSeconds=900");
  CHECK(asked[0].headers.get("host") == sts.authority());
  CHECK(asked[0].headers.get("x-amz-security-token") == "old token");
  const UnsignedRequest unsigned_request{
      .method = "POST",
      .path = "/sts/",
      .query = {},
      .headers = {{"host", sts.authority()},
                  {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
      .payload_sha256 = to_hex(http::sha256(as_bytes(asked[0].body)))};
  CHECK(asked[0].headers.get("authorization") ==
        sign_parts(unsigned_request, signing_credentials(own), {"eu-central-1", "sts"}, kNow)
            .authorization);
}

TEST_CASE("a role is assumed with the token of a file, which is read each time") {
  const AnsweringServer sts([](const Asked&) {
    return Answered{.status = 200, .body = answer_to("AssumeRoleWithWebIdentity"), .headers = {}};
  });
  const TemporaryFolder folder;
  const AwsWebIdentity identity{.token_file = folder.write("token", "aa.bb-_.c+\n"),
                                .role_arn = "arn",
                                .role_session_name = {},
                                .place = "AWS_WEB_IDENTITY_TOKEN_FILE"};
  HostCall host;
  const auto credentials = assume_role_with_web_identity(service_at(sts), identity, host.call());
  REQUIRE(credentials);
  CHECK(reveal(credentials->session_token) == "TOKEN");
  folder.write("token", "second");
  CHECK(assume_role_with_web_identity(service_at(sts), identity, host.call()));
  const auto asked = sts.asked();
  REQUIRE(asked.size() == 2);
  constexpr std::string_view kForm =
      "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn"
      "&RoleSessionName=cavra-1893456000&WebIdentityToken=";
  CHECK(asked[0].body == std::string(kForm) + "aa.bb-_.c%2B");
  CHECK(asked[1].body == std::string(kForm) + "second");
  CHECK(asked[0].headers.get("authorization").empty());
}

TEST_CASE("a token's file that cannot be used is told by who names it") {
  const AnsweringServer sts([](const Asked&) { return Answered{}; });
  const TemporaryFolder folder;
  const std::array<std::pair<std::string, std::string>, 3> rows{{
      {folder.file("none"), "the token's file \"" + folder.file("none") + "\" is not there"},
      {folder.write("empty", ""), "the token's file \"" + folder.file("empty") + "\" is empty"},
      {folder.path().string(), "read \"" + folder.path().string() + "\": it is no regular file"},
  }};
  for (const auto& [file, problem] : rows) {
    HostCall host;
    const auto wrong = assume_role_with_web_identity(service_at(sts),
                                                     {.token_file = file,
                                                      .role_arn = "arn",
                                                      .role_session_name = {},
                                                      .place = "\"config\", line 3"},
                                                     host.call());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == ErrorCode::usage);
    CHECK(wrong.error().message == "\"config\", line 3: " + problem);
  }
  CHECK(sts.asked().empty());
}

TEST_CASE("a throttled request is sent again, signed anew") {
  int count = 0;
  const AnsweringServer sts([&](const Asked&) {
    if (++count == 1)
      return Answered{
          .status = 400,
          .body = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
          .headers = {}};
    return Answered{.status = 200, .body = answer_to("AssumeRole"), .headers = {}};
  });
  HostCall host;
  CHECK(assume_role(service_at(sts), role_of(), own_credentials(""), host.call()));
  const auto asked = sts.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].body == asked[1].body);
  CHECK(asked[1].headers.get("x-amz-security-token").empty());
}

TEST_CASE("what STS refuses is told with role, profile and place, without a secret") {
  const AnsweringServer sts([](const Asked&) {
    return Answered{.status = 403,
                    .body =
                        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                        "<Message>not authorized\n</Message></Error></ErrorResponse>",
                    .headers = {}};
  });
  HostCall host;
  const auto refused =
      assume_role(service_at(sts), role_of(), own_credentials("HIDDEN"), host.call());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK(refused.error().message ==
        "assume the role \"arn:aws:iam::1:role/r\" of profile \"p\": AssumeRole at \"" + sts.url() +
            "/\": HTTP status 403, AccessDenied: not authorized\\u000a");
}

TEST_CASE("a cancelled call ends the asking") {
  const AnsweringServer sts(
      [](const Asked&) { return Answered{.status = 503, .body = {}, .headers = {}}; });
  HostCall host(std::chrono::milliseconds(300));
  const auto late = assume_role(service_at(sts), role_of(), own_credentials(""), host.call());
  REQUIRE_FALSE(late);
  CHECK((late.error().code == ErrorCode::timeout || late.error().code == ErrorCode::unavailable));
}

}  // namespace
}  // namespace cavra::s3
