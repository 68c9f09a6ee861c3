#include "s3-object-lock/process_credentials.hpp"

#include <doctest/doctest.h>

#include <array>

#include "cloud/host_call.hpp"
#include "s3-object-lock/aws_test_data.hpp"
#include "temporary_folder.hpp"

namespace cavra::s3 {
namespace {

using cavra::testing::TemporaryFolder;
using cloud::testing::HostCall;
using testing::reveal;

Result<AwsCredentials> fetch(const std::string& command) {
  HostCall host;
  return fetch_process_credentials({.command = command, .place = "\"config\", line 2"},
                                   host.call());
}

TEST_CASE("a program gives credentials") {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "a b", R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T",)"
             R"("Expiration":"2030-01-01T00:00:00Z"})");
  const auto credentials = fetch("cat \"" + file + "\"");
  REQUIRE(credentials);
  CHECK(credentials->access_key_id == "A");
  CHECK(reveal(credentials->secret_access_key) == "S");
  CHECK(reveal(credentials->session_token) == "T");
  CHECK(credentials->expires_unix_s == 1893456000);
}

TEST_CASE("a program that gives none is told with file and line, without its words") {
  struct Row {
    std::string command;
    ErrorCode code;
    std::string message;
  };
  const std::array rows{
      Row{"echo 'HIDDEN", ErrorCode::usage,
          "\"config\", line 2: credential_process is no command: a quote is not closed, or the "
          "program is missing"},
      Row{"''", ErrorCode::usage,
          "\"config\", line 2: credential_process is no command: a quote is not closed, or the "
          "program is missing"},
      Row{"false HIDDEN", ErrorCode::usage,
          "\"config\", line 2: credential_process: run \"false\": it ended with status 1; it may "
          "have said why on stderr"},
      Row{"echo HIDDEN", ErrorCode::io,
          "\"config\", line 2: credential_process \"echo\": what came back is no JSON object"},
      Row{"head -c 70000 /dev/zero", ErrorCode::usage,
          "\"config\", line 2: credential_process: run \"head\": it prints too much"},
  };
  for (const auto& [command, code, message] : rows) {
    CAPTURE(command);
    const auto credentials = fetch(command);
    REQUIRE_FALSE(credentials);
    CHECK(credentials.error().code == code);
    CHECK(credentials.error().message == message);
  }
}

}  // namespace
}  // namespace cavra::s3
