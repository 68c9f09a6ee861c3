#include "container_credentials.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/secret_file.hpp"
#include "cloud/wiped_answer.hpp"
#include "credential_documents.hpp"

namespace cavra::s3 {
namespace {

constexpr std::string_view kEcsAgent = "http://169.254.170.2";
// The agents of ECS and of EKS, which are reached by http.
constexpr std::array<std::string_view, 3> kAgents{"169.254.170.2", "169.254.170.23",
                                                  "fd00:ec2::23"};

constexpr http::RetryPolicy kPolicy{.max_attempts = 3,
                                    .first_delay = std::chrono::milliseconds(500),
                                    .most_delay = std::chrono::milliseconds(2000)};

Error wrong(std::string_view variable, const std::string& problem) {
  return {ErrorCode::usage, std::string(variable) + ": " + problem, false};
}

http::SessionOptions session_options(const std::string& ca_file) {
  return {.ca_file = ca_file,
          .takes_proxy = false,
          .allows_plain = true,  // container_url() says where to
          .connections = 1,
          .connect_timeout = std::chrono::milliseconds(2000),
          .idle_timeout = std::chrono::seconds(5)};
}

// Of HTTP (RFC 9110, section 5.5), without what is obsolete.
bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

// The value of "Authorization"; empty: none is asked for.
Result<Secret> authorization_of(const AwsContainer& source) {
  constexpr std::string_view kFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
  const bool is_in_file = !source.authorization_token_file.empty();
  const std::string variable(is_in_file ? kFile : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  Secret token(source.authorization_token.expose());
  if (is_in_file) {
    auto read =
        cloud::read_secret_file(source.authorization_token_file, cloud::kMaxCredentialBytes);
    if (!read) return cloud::when(variable, std::move(read).error());
    if (!*read)
      return wrong(variable, "there is no file " + quoted(source.authorization_token_file));
    token = *std::move(*read);
    if (token.empty())
      return wrong(variable, "the file " + quoted(source.authorization_token_file) + " is empty");
  }
  if (!is_header_value(as_text(token.expose())))
    return wrong(variable,
                 "the token has a line break or another letter that a header cannot have");
  return token;
}

}  // namespace

Result<cloud::HttpUrl> container_url(const AwsContainer& source) {
  if (!source.relative_uri.empty()) {
    constexpr std::string_view kVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    if (!source.relative_uri.starts_with('/')) return wrong(kVariable, "it begins with '/'");
    auto url = cloud::parse_http_url(std::string(kEcsAgent) + source.relative_uri);
    if (!url) return wrong(kVariable, "it is no path of a URL");
    return *std::move(url);
  }
  constexpr std::string_view kVariable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  auto url = cloud::parse_http_url(source.full_uri);
  if (!url) return wrong(kVariable, "it is no URL of http or https");
  const bool is_agent = std::ranges::find(kAgents, url->host) != kAgents.end();
  if (!url->is_tls && !url->is_loopback() && !is_agent)
    return wrong(kVariable,
                 "http is for this machine and for 169.254.170.2, 169.254.170.23 and "
                 "[fd00:ec2::23] alone, not for " +
                     quoted(url->host) + "; use https");
  return *std::move(url);
}

Result<AwsCredentials> fetch_container_credentials(const AwsContainer& source,
                                                   const std::string& ca_file,
                                                   const sdk::Call& call) {
  CAVRA_TRY(const cloud::HttpUrl url, container_url(source));
  CAVRA_TRY(const Secret authorization, authorization_of(source));
  CAVRA_TRY(const std::unique_ptr<http::Session> session,
            http::Session::open(session_options(ca_file)));
  const auto make = [&]() -> Result<http::Request> {
    http::Request request;
    request.method = "GET";
    request.url = url.text();
    request.headers.add("Accept", "application/json");
    if (!authorization.empty())
      request.headers.add("Authorization", std::string(as_text(authorization.expose())));
    return request;
  };
  // Without the query: it may be a secret.
  const std::string asked =
      "ask the container's credentials agent at " +
      quoted((url.is_tls ? "https://" : "http://") + url.authority + url.path);
  CAVRA_TRY(const cloud::WipedText json,
            cloud::ask(*session, call, kPolicy, {.asked = asked, .make = make, .judge = {}}));
  auto credentials = parse_container_credentials(json);
  if (!credentials) return cloud::when(asked, std::move(credentials).error());
  return credentials;
}

}  // namespace cavra::s3
