#include "sts.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/form_body.hpp"
#include "cloud/secret_file.hpp"
#include "cloud/wiped_answer.hpp"
#include "http/digest.hpp"
#include "http/percent_encoding.hpp"
#include "http/xml.hpp"
#include "python_text.hpp"
#include "sts_answer.hpp"

namespace cavra::s3 {
namespace {

constexpr std::string_view kVersion = "2011-06-15";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded; charset=utf-8";

constexpr http::RetryPolicy kPolicy{.max_attempts = 4,
                                    .first_delay = std::chrono::milliseconds(500),
                                    .most_delay = std::chrono::milliseconds(5000)};

// RoleSessionName, by which the account's log tells who acted.
std::string session_name(const std::string& wanted, const UnixClock& clock) {
  return wanted.empty() ? "cavra-" + std::to_string(clock()) : wanted;
}

cloud::Form form_of(std::string_view action, const std::string& role_arn, const std::string& name) {
  cloud::Form form;
  form.add("Action", action);
  form.add("Version", kVersion);
  form.add("RoleArn", role_arn);
  form.add("RoleSessionName", name);
  return form;
}

http::Headers signed_with(const AwsCredentials& own, const StsService& service,
                          const cloud::Form& form, const http::Headers& headers) {
  const cloud::HttpUrl& url = service.endpoint.url;
  const UnsignedRequest request{.method = "POST",
                                .path = url.path,
                                .query = {},
                                .headers = headers,
                                .payload_sha256 = to_hex(http::sha256(as_bytes(form.text())))};
  return signed_headers(request, signing_credentials(own),
                        {.region = service.endpoint.region, .service = "sts"}, service.clock());
}

// `own`: null, where nothing is signed.
Result<AwsCredentials> post(const StsService& service, std::string_view action, cloud::Form form,
                            const AwsCredentials* own, const sdk::Call& call) {
  const cloud::HttpUrl& url = service.endpoint.url;
  CAVRA_TRY(const std::unique_ptr<http::Session> session,
            http::Session::open({.ca_file = service.ca_file,
                                 .takes_proxy = !url.is_loopback(),
                                 .allows_plain = !url.is_tls,
                                 .connections = 1}));
  const auto make = [&]() -> Result<http::Request> {
    http::Headers headers{{"Host", url.authority}, {"Content-Type", std::string(kFormType)}};
    if (own != nullptr) headers = signed_with(*own, service, form, headers);
    http::Request request;
    request.method = "POST";
    request.url = url.text();
    request.headers = std::move(headers);
    request.body = &form;
    return request;
  };
  const std::string asked = std::string(action) + " at " + quoted(url.text());
  CAVRA_TRY(const cloud::WipedText xml,
            cloud::ask(*session, call, kPolicy,
                       {.asked = asked, .make = make, .judge = judge_sts_answer}));
  auto credentials = parse_sts_credentials(xml, action);
  if (!credentials) return cloud::when(asked, std::move(credentials).error());
  return credentials;
}

Result<Secret> read_token(const AwsWebIdentity& identity) {
  auto read = cloud::read_secret_file(identity.token_file, cloud::kMaxCredentialBytes);
  if (!read) return cloud::when(identity.place, std::move(read).error());
  if (!*read || (*read)->empty())
    return Error{ErrorCode::usage,
                 identity.place + ": the token's file " + quoted(identity.token_file) +
                     (*read ? " is empty" : " is not there"),
                 false};
  return *std::move(*read);
}

}  // namespace

Result<AwsCredentials> assume_role(const StsService& service, const AwsRole& role,
                                   const AwsCredentials& own, const sdk::Call& call) {
  cloud::Form form =
      form_of("AssumeRole", role.role_arn, session_name(role.role_session_name, service.clock));
  form.add("ExternalId", role.external_id);
  if (role.duration_s) form.add("DurationSeconds", std::to_string(*role.duration_s));
  auto credentials = post(service, "AssumeRole", std::move(form), &own, call);
  if (!credentials)
    return cloud::when(
        "assume the role " + quoted(role.role_arn) + " of profile " + quoted(role.profile),
        std::move(credentials).error());
  return credentials;
}

Result<AwsCredentials> assume_role_with_web_identity(const StsService& service,
                                                     const AwsWebIdentity& identity,
                                                     const sdk::Call& call) {
  CAVRA_TRY(const Secret token, read_token(identity));
  cloud::Form form = form_of("AssumeRoleWithWebIdentity", identity.role_arn,
                             session_name(identity.role_session_name, service.clock));
  form.add("WebIdentityToken", trim(as_text(token.expose())));
  auto credentials = post(service, "AssumeRoleWithWebIdentity", std::move(form), nullptr, call);
  if (!credentials)
    return cloud::when(
        "assume the role " + quoted(identity.role_arn) + " with the token of " + identity.place,
        std::move(credentials).error());
  return credentials;
}

}  // namespace cavra::s3
