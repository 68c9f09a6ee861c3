#include "s3-object-lock/container_credentials.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <array>

#include "cloud/answering_server.hpp"
#include "cloud/host_call.hpp"
#include "s3-object-lock/aws_test_data.hpp"
#include "temporary_folder.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;
using cavra::testing::TemporaryFolder;

constexpr std::string_view kDocument =
    R"({"RoleArn":"arn","AccessKeyId":"A","SecretAccessKey":"S","Token":"T",)"
    R"("Expiration":"2030-01-01T00:00:00Z"})";

AwsContainer source_of(const std::string& full_uri, std::string_view token = "",
                       const std::string& token_file = "") {
  AwsContainer source;
  source.full_uri = full_uri;
  source.authorization_token = Secret(as_bytes(token));
  source.authorization_token_file = token_file;
  return source;
}

Result<AwsCredentials> fetch(const AwsContainer& source) {
  HostCall host;
  return fetch_container_credentials(source, "", host.call());
}

TEST_CASE("a container's agent gives credentials to who shows the token, past any proxy") {
  const AnsweringServer agent([](const Asked& asked) {
    const bool is_right = asked.method == "GET" && asked.target == "/get?id=1" &&
                          asked.headers.get("authorization") == "Basic abc=" &&
                          asked.headers.get("accept") == "application/json";
    return is_right ? Answered{.status = 200, .body = std::string(kDocument), .headers = {}}
                    : Answered{.status = 400, .body = {}, .headers = {}};
  });
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto credentials = fetch(source_of(agent.url() + "/get?id=1", "Basic abc="));
  ::unsetenv("http_proxy");
  REQUIRE(credentials);
  CHECK(credentials->access_key_id == "A");
  CHECK(reveal(credentials->session_token) == "T");
  CHECK(credentials->expires_unix_s == 1893456000);
}

TEST_CASE("the token's file wins over the token, and is read each time") {
  const AnsweringServer agent([](const Asked&) {
    return Answered{.status = 200, .body = std::string(kDocument), .headers = {}};
  });
  const TemporaryFolder folder;
  const AwsContainer source = source_of(agent.url(), "unused", folder.write("token", "first"));
  CHECK(fetch(source));
  folder.write("token", "second");
  CHECK(fetch(source));
  const auto asked = agent.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].headers.get("authorization") == "first");
  CHECK(asked[1].headers.get("authorization") == "second");
}

TEST_CASE("the URI says whom a container asks") {
  struct Row {
    std::string_view relative, full, url;
  };
  static constexpr std::array rows{
      Row{"/v2/credentials/1", "", "http://169.254.170.2/v2/credentials/1"},
      Row{"/v2?a=b", "https://unused.example", "http://169.254.170.2/v2?a=b"},
      Row{"", "https://any.example/x", "https://any.example/x"},
      Row{"", "http://localhost:8000/x", "http://localhost:8000/x"},
      Row{"", "http://127.9.9.9/x", "http://127.9.9.9/x"},
      Row{"", "http://[::1]/x", "http://[::1]/x"},
      Row{"", "http://169.254.170.2/x", "http://169.254.170.2/x"},
      Row{"", "http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"},
      Row{"", "http://[fd00:ec2::23]/x", "http://[fd00:ec2::23]/x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    AwsContainer source = source_of(std::string(row.full));
    source.relative_uri = row.relative;
    const auto url = container_url(source);
    REQUIRE(url);
    CHECK(url->text() == row.url);
  }
}

TEST_CASE("a URI that leads elsewhere is refused, by its variable") {
  struct Row {
    std::string_view relative, full, message;
  };
  static constexpr std::array rows{
      Row{"v2", "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: it begins with '/'"},
      Row{"@evil.example/", "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: it begins with '/'"},
      Row{"/a b", "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: it is no path of a URL"},
      Row{"", "file:///etc/x", "AWS_CONTAINER_CREDENTIALS_FULL_URI: it is no URL of http or https"},
      Row{"", "http://169.254.170.2@evil/",
          "AWS_CONTAINER_CREDENTIALS_FULL_URI: it is no URL of http or https"},
      Row{"", "http://evil.example/x",
          "AWS_CONTAINER_CREDENTIALS_FULL_URI: http is for this machine and for 169.254.170.2, "
          "169.254.170.23 and [fd00:ec2::23] alone, not for \"evil.example\"; use https"},
      Row{"", "http://169.254.170.2.evil/",
          "AWS_CONTAINER_CREDENTIALS_FULL_URI: http is for this machine and for 169.254.170.2, "
          "169.254.170.23 and [fd00:ec2::23] alone, not for \"169.254.170.2.evil\"; use https"},
  };
  for (const Row& row : rows) {
    AwsContainer source = source_of(std::string(row.full));
    source.relative_uri = row.relative;
    const auto credentials = fetch(source);
    REQUIRE_FALSE(credentials);
    CHECK(credentials.error().code == ErrorCode::usage);
    CHECK(credentials.error().message == row.message);
  }
}

TEST_CASE("a token that cannot be sent is told by its variable, never by its text") {
  const TemporaryFolder folder;
  const std::string url = "http://127.0.0.1:1";
  struct Row {
    AwsContainer source;
    std::string message;
  };
  const std::array rows{
      Row{source_of(url, "HIDDEN\r\nX: y"),
          "AWS_CONTAINER_AUTHORIZATION_TOKEN: the token has a line break or another letter that a "
          "header cannot have"},
      Row{source_of(url, "", folder.write("line", "HIDDEN\n")),
          "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the token has a line break or another letter "
          "that a header cannot have"},
      Row{source_of(url, "HIDDEN", folder.file("none")),
          "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: there is no file \"" + folder.file("none") +
              "\""},
      Row{source_of(url, "HIDDEN", folder.write("empty", "")),
          "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the file \"" + folder.file("empty") +
              "\" is empty"},
      Row{source_of(url, "HIDDEN", folder.path().string()),
          "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: read \"" + folder.path().string() +
              "\": it is no regular file"},
  };
  for (const auto& [source, message] : rows) {
    const auto credentials = fetch(source);
    REQUIRE_FALSE(credentials);
    CHECK(credentials.error().code == ErrorCode::usage);
    CHECK(credentials.error().message == message);
  }
}

TEST_CASE("an agent that gives no credentials is told by what it answered") {
  struct Row {
    Answered answered;
    ErrorCode code;
    std::string_view problem;
  };
  const std::array rows{
      Row{{.status = 403, .body = "HIDDEN", .headers = {}}, ErrorCode::forbidden, "403"},
      Row{{.status = 404, .body = "HIDDEN", .headers = {}}, ErrorCode::usage, "404"},
      Row{{.status = 503, .body = "HIDDEN", .headers = {}}, ErrorCode::unavailable, "503"},
      Row{{.status = 200, .body = "HIDDEN", .headers = {}}, ErrorCode::io, "no JSON object"},
      Row{{.status = 200, .body = "{}", .headers = {}}, ErrorCode::io, "AccessKeyId is missing"},
  };
  for (const auto& [answered, code, problem] : rows) {
    CAPTURE(problem);
    const AnsweringServer agent([&](const Asked&) { return answered; });
    const auto credentials = fetch(source_of(agent.url() + "/x?HIDDEN"));
    REQUIRE_FALSE(credentials);
    CAPTURE(credentials.error().message);
    CHECK(credentials.error().code == code);
    CHECK(credentials.error().message.starts_with("ask the container's credentials agent at \"" +
                                                  agent.url() + "/x\": "));
    CHECK(credentials.error().message.find(problem) != std::string::npos);
    CHECK(credentials.error().message.find("HIDDEN") == std::string::npos);
    CHECK(agent.asked().size() == (answered.status == 503 ? 3 : 1));
  }
}

}  // namespace
}  // namespace cavra::s3
