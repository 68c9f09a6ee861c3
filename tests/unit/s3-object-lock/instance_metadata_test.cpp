#include "s3-object-lock/instance_metadata.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <array>

#include "cloud/answering_server.hpp"
#include "cloud/host_call.hpp"
#include "s3-object-lock/aws_test_data.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;

constexpr std::int64_t kNow = 1893456000;  // 2030-01-01T00:00:00Z
constexpr std::string_view kRoles = "/latest/meta-data/iam/security-credentials/";

std::string document(std::string_view expiration) {
  return R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":")" +
         std::string(expiration) + "\"}";
}

// The service as it should be, but for what `odd` answers.
class Instance {
 public:
  explicit Instance(std::function<std::optional<Answered>(const Asked&)> odd = {})
      : odd_(std::move(odd)), server_([this](const Asked& asked) { return answer(asked); }) {}

  Result<AwsCredentials> fetch(std::string_view base = "") {
    HostCall host;
    return fetch_instance_credentials(
        {server_.url() + std::string(base)}, [] { return kNow; }, host.call());
  }
  [[nodiscard]] const AnsweringServer& server() const { return server_; }

 private:
  Answered answer(const Asked& asked) {
    if (odd_) {
      if (auto answered = odd_(asked)) return *answered;
    }
    if (asked.target == "/latest/api/token") {
      const bool is_right = asked.method == "PUT" &&
                            asked.headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600";
      return is_right ? Answered{.status = 200, .body = "PROOF", .headers = {}}
                      : Answered{.status = 400, .body = {}, .headers = {}};
    }
    if (asked.method != "GET" || asked.headers.get("x-aws-ec2-metadata-token") != "PROOF")
      return {.status = 401, .body = {}, .headers = {}};
    if (asked.target == kRoles) return {.status = 200, .body = "my-role", .headers = {}};
    if (asked.target == std::string(kRoles) + "my-role")
      return {.status = 200, .body = document("2030-01-01T06:00:00Z"), .headers = {}};
    return {.status = 404, .body = {}, .headers = {}};
  }

  const std::function<std::optional<Answered>(const Asked&)> odd_;
  AnsweringServer server_;
};

TEST_CASE("an instance's role is found by IMDSv2, past any proxy") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  Instance instance;
  const auto credentials = instance.fetch();
  ::unsetenv("http_proxy");
  REQUIRE(credentials);
  CHECK(credentials->access_key_id == "A");
  CHECK(reveal(credentials->secret_access_key) == "S");
  CHECK(reveal(credentials->session_token) == "T");
  CHECK(credentials->expires_unix_s == kNow + 6 * 3600);
  const auto asked = instance.server().asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].headers.get("content-length") == "0");
}

TEST_CASE("a service that stumbles is asked again") {
  int stumbles = 0;
  Instance instance([&](const Asked&) -> std::optional<Answered> {
    if (++stumbles == 1) return Answered{.status = 503, .body = {}, .headers = {}};
    if (stumbles == 3) return Answered{.status = 0, .body = {}, .headers = {}, .is_dropped = true};
    return std::nullopt;
  });
  CHECK(instance.fetch());
  CHECK(instance.server().asked().size() == 5);
}

TEST_CASE("credentials that the service cannot renew are used for a while longer") {
  Instance instance([](const Asked& asked) -> std::optional<Answered> {
    if (!asked.target.ends_with("my-role")) return std::nullopt;
    return Answered{.status = 200, .body = document("2029-12-31T23:59:00Z"), .headers = {}};
  });
  const auto credentials = instance.fetch();
  REQUIRE(credentials);
  CHECK(credentials->expires_unix_s == kNow + 15 * 60);
}

TEST_CASE("a service that gives no credentials is told by what it answered") {
  struct Row {
    std::string_view target;  // ends so
    Answered answered;
    ErrorCode code;
    std::string_view problem;
  };
  const std::array rows{
      Row{"token",
          {.status = 403, .body = "HIDDEN", .headers = {}},
          ErrorCode::forbidden,
          "switched off"},
      Row{"token", {.status = 400, .body = "HIDDEN", .headers = {}}, ErrorCode::usage, "400"},
      Row{"token", {.status = 404, .body = "HIDDEN", .headers = {}}, ErrorCode::usage, "404"},
      Row{"token", {.status = 200, .body = "", .headers = {}}, ErrorCode::io, "token"},
      Row{"token", {.status = 200, .body = "HIDDEN HIDDEN", .headers = {}}, ErrorCode::io, "token"},
      Row{"token",
          {.status = 200, .body = std::string(70'000, 'x'), .headers = {}},
          ErrorCode::io,
          "too long"},
      Row{"credentials/",
          {.status = 404, .body = "HIDDEN", .headers = {}},
          ErrorCode::usage,
          "no IAM role"},
      Row{"credentials/", {.status = 200, .body = "", .headers = {}}, ErrorCode::io, "role"},
      Row{"credentials/",
          {.status = 200, .body = "../HIDDEN", .headers = {}},
          ErrorCode::io,
          "role"},
      Row{"my-role", {.status = 200, .body = "HIDDEN", .headers = {}}, ErrorCode::io, "JSON"},
      Row{"my-role",
          {.status = 200, .body = "{\"Code\":\"Failed\"}", .headers = {}},
          ErrorCode::forbidden,
          "Failed"},
      Row{"my-role",
          {.status = 500, .body = "HIDDEN", .headers = {}},
          ErrorCode::unavailable,
          "500"},
      Row{"my-role",
          {.status = 302, .body = "", .headers = {{"Location", "/HIDDEN"}}},
          ErrorCode::usage,
          "302"},
  };
  for (const auto& [target, answered, code, problem] : rows) {
    CAPTURE(problem);
    Instance instance([&](const Asked& asked) -> std::optional<Answered> {
      if (!asked.target.ends_with(target)) return std::nullopt;
      return answered;
    });
    const auto credentials = instance.fetch();
    REQUIRE_FALSE(credentials);
    CAPTURE(credentials.error().message);
    CHECK(credentials.error().code == code);
    CHECK(credentials.error().message.starts_with(
        "ask the instance metadata service at \"http://127.0.0.1:"));
    CHECK(credentials.error().message.find(problem) != std::string::npos);
    CHECK(credentials.error().message.find("HIDDEN") == std::string::npos);
  }
}

TEST_CASE("where nobody answers, the error asks whether this is an instance") {
  HostCall host;
  const auto none =
      fetch_instance_credentials({"http://127.0.0.1:1"}, [] { return kNow; }, host.call());
  REQUIRE_FALSE(none);
  CAPTURE(none.error().message);
  CHECK(none.error().code == ErrorCode::io);
  CHECK(none.error().message.ends_with("; is this an EC2 instance?"));

  Instance instance([](const Asked&) {
    return Answered{.status = 0, .body = {}, .headers = {}, .is_dropped = true};
  });
  const auto lost = instance.fetch();
  REQUIRE_FALSE(lost);
  CHECK(lost.error().message.ends_with("; in a container, the instance's hop limit must be 2"));
}

TEST_CASE("an endpoint that is no URL is told by its variable") {
  HostCall host;
  const auto wrong = fetch_instance_credentials({"imds"}, [] { return kNow; }, host.call());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == ErrorCode::usage);
  CHECK(wrong.error().message.starts_with("AWS_EC2_METADATA_SERVICE_ENDPOINT "));
}

}  // namespace
}  // namespace cavra::s3
