#include "instance_metadata.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/http_url.hpp"
#include "cloud/wiped_answer.hpp"
#include "credential_documents.hpp"

namespace cavra::s3 {
namespace {

using Verdict = http::Judgement::Verdict;

constexpr std::string_view kTokenPath = "/latest/api/token";
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials/";
constexpr std::string_view kTokenSeconds = "21600";

// While the service cannot renew them, it gives credentials that run out or have, and S3 takes
// them: AWS's tools go on with them, too ("static stability").
constexpr std::int64_t kLeastSeconds = 900;

constexpr http::RetryPolicy kPolicy{.max_attempts = 3,
                                    .first_delay = std::chrono::milliseconds(200),
                                    .most_delay = std::chrono::milliseconds(1000)};

// The service is on the machine's own network, or is not there at all.
http::SessionOptions session_options() {
  return {.ca_file = {},
          .takes_proxy = false,
          .allows_plain = true,
          .connections = 1,
          .connect_timeout = std::chrono::milliseconds(1000),
          .idle_timeout = std::chrono::seconds(2)};
}

http::Judgement judge_token(const http::Answer& answer) {
  http::Judgement judged = cloud::judge_by_status(answer);
  if (!answer.response) {
    judged.error.message += answer.failure->may_be_sent
                                ? "; in a container, the instance's hop limit must be 2"
                                : "; is this an EC2 instance?";
  } else if (judged.error.code == ErrorCode::forbidden) {
    judged.error.message += ": it is switched off for this instance";
  }
  return judged;
}

http::Judgement judge_roles(const http::Answer& answer) {
  http::Judgement judged = cloud::judge_by_status(answer);
  if (answer.response && answer.response->status == 404)
    judged.error.message = "this instance has no IAM role; give it an instance profile";
  return judged;
}

// IAM's letters for a role's name.
bool is_role_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+=,.@-").contains(c);
  });
}

class Imds {
 public:
  Imds(http::Session& session, const sdk::Call& call, std::string base)
      : session_(session), call_(call), base_(std::move(base)) {}

  Result<AwsCredentials> fetch() {
    CAVRA_TRY(
        const cloud::WipedText token,
        request("PUT", kTokenPath,
                {"X-aws-ec2-metadata-token-ttl-seconds", std::string(kTokenSeconds)}, judge_token));
    if (token.empty() || !fits_a_header(token)) return odd("its token is none");
    const http::Header proof{"X-aws-ec2-metadata-token", std::string(std::string_view(token))};
    CAVRA_TRY(const cloud::WipedText roles, request("GET", kRolesPath, proof, judge_roles));
    const std::string_view first = std::string_view(roles).substr(0, roles.find_first_of("\r\n"));
    if (!is_role_name(first)) return odd("the name of its role is none");
    const std::string path = std::string(kRolesPath) + std::string(first);
    CAVRA_TRY(const cloud::WipedText json, request("GET", path, proof, cloud::judge_by_status));
    auto credentials = parse_instance_credentials(json);
    if (!credentials) return cloud::when(asked(path), std::move(credentials).error());
    return credentials;
  }

 private:
  [[nodiscard]] std::string asked(std::string_view path) const {
    return "ask the instance metadata service at " + quoted(base_ + std::string(path));
  }
  [[nodiscard]] Error odd(const std::string& problem) const {
    return cloud::when(asked(kRolesPath), {ErrorCode::io, problem, false});
  }
  Result<cloud::WipedText> request(std::string_view method, std::string_view path,
                                   const http::Header& header,
                                   http::Judgement (*judge)(const http::Answer&)) {
    const auto make = [&]() -> Result<http::Request> {
      http::Request made;
      made.method = method;
      made.url = base_ + std::string(path);
      made.headers = {header};
      return made;
    };
    return cloud::ask(session_, call_, kPolicy,
                      {.asked = asked(path), .make = make, .judge = judge});
  }

  http::Session& session_;
  const sdk::Call& call_;
  const std::string base_;
};

}  // namespace

Result<AwsCredentials> fetch_instance_credentials(const AwsInstanceMetadata& source,
                                                  const UnixClock& clock, const sdk::Call& call) {
  if (!cloud::parse_http_url(source.endpoint))
    return Error{ErrorCode::usage,
                 "AWS_EC2_METADATA_SERVICE_ENDPOINT (ec2_metadata_service_endpoint) is no URL of "
                 "http or https: " +
                     quoted(source.endpoint),
                 false};
  CAVRA_TRY(const std::unique_ptr<http::Session> session, http::Session::open(session_options()));
  CAVRA_TRY(AwsCredentials credentials, Imds(*session, call, source.endpoint).fetch());
  credentials.expires_unix_s = std::max(*credentials.expires_unix_s, clock() + kLeastSeconds);
  return credentials;
}

}  // namespace cavra::s3
