#include "s3-object-lock/credential_documents.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "s3-object-lock/aws_test_data.hpp"

namespace cavra::s3 {
namespace {

using testing::reveal;

TEST_CASE("a program's document is read") {
  const auto read = parse_process_credentials(
      R"({"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S\u002b", "SessionToken": "T",)"
      R"( "Expiration": "2030-01-01T01:00:00+01:00", "Other": [1]})");
  REQUIRE(read);
  CHECK(read->access_key_id == "A");
  CHECK(reveal(read->secret_access_key) == "S+");
  CHECK(reveal(read->session_token) == "T");
  CHECK(read->expires_unix_s == 1893456000);
  const auto lasting = parse_process_credentials(
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":null})");
  REQUIRE(lasting);
  CHECK(lasting->session_token.empty());
  CHECK_FALSE(lasting->expires_unix_s.has_value());
}

TEST_CASE("a service's document is read") {
  constexpr std::string_view kJson =
      R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T",)"
      R"("Expiration":"2030-01-01T00:00:00Z"})";
  for (const auto parse : {parse_container_credentials, parse_instance_credentials}) {
    const auto read = parse(kJson);
    REQUIRE(read);
    CHECK(reveal(read->session_token) == "T");
    CHECK(read->expires_unix_s == 1893456000);
  }
  constexpr std::string_view kLasting = R"({"AccessKeyId":"A","SecretAccessKey":"S"})";
  CHECK(parse_container_credentials(kLasting));
  CHECK_FALSE(parse_instance_credentials(kLasting));
}

TEST_CASE("an instance whose role cannot be used is told by its code") {
  const auto read =
      parse_instance_credentials(R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"HIDDEN"})");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::forbidden);
  CHECK(read.error().message ==
        "the instance's role cannot be used (AssumeRoleUnauthorizedAccess); look at the role's "
        "trust policy");
}

TEST_CASE("what is no such document is told without what it says") {
  const std::string deep(50'000, '[');
  struct Row {
    std::string json;
    std::string_view problem;
  };
  const std::array rows{
      Row{"", "no JSON object"},
      Row{"HIDDEN", "no JSON object"},
      Row{"[\"HIDDEN\"]", "no JSON object"},
      Row{R"({"Version":1,"AccessKeyId":"HIDDEN","SecretAccessKey":"HIDDEN)", "no JSON object"},
      Row{R"({"Version":1,"AccessKeyId":"HIDDEN","SecretAccessKey":"HIDDEN"} x)", "no JSON object"},
      Row{"{\"Version\":1,\"AccessKeyId\":\"HIDDEN\xff\",\"SecretAccessKey\":\"HIDDEN\"}",
          "no JSON object"},
      Row{"{\"a\":" + deep, "no JSON object"},
      Row{R"({"AccessKeyId":"HIDDEN","SecretAccessKey":"HIDDEN"})", "Version"},
      Row{R"({"Version":2,"AccessKeyId":"HIDDEN","SecretAccessKey":"HIDDEN"})", "Version"},
      Row{R"({"Version":"1","AccessKeyId":"HIDDEN","SecretAccessKey":"HIDDEN"})", "Version"},
      Row{R"({"Version":1,"SecretAccessKey":"HIDDEN"})", "AccessKeyId is missing"},
      Row{R"({"Version":1,"AccessKeyId":"HIDDEN"})", "SecretAccessKey is missing"},
      Row{R"({"Version":1,"AccessKeyId":"HIDDEN","SecretAccessKey":7})",
          "SecretAccessKey is no text"},
      Row{R"({"Version":1,"AccessKeyId":"HIDDEN","SecretAccessKey":"HIDDEN","Expiration":9})",
          "Expiration is no text"},
  };
  for (const auto& [json, problem] : rows) {
    CAPTURE(json.substr(0, 100));
    const auto read = parse_process_credentials(json);
    REQUIRE_FALSE(read);
    CAPTURE(read.error().message);
    CHECK(read.error().code == ErrorCode::io);
    CHECK(read.error().message.find(problem) != std::string::npos);
    CHECK(read.error().message.find("HIDDEN") == std::string::npos);
  }
}

}  // namespace
}  // namespace cavra::s3
