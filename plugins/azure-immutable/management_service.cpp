#include "management_service.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/http_url.hpp"
#include "management_error.hpp"

namespace cavra::azure {

namespace {

constexpr std::string_view kApiVersion = "2023-05-01";
constexpr std::size_t kMaxPolicyBytes = std::size_t{64} << 10;
constexpr unsigned kMaxAttempts = 5;

}  // namespace

struct ManagementService::ManagementAttempts final : Attempts {
  Authorizer::Authorized authorized;
};

ManagementService::ManagementService(const AzureSettings& settings,
                                     const http::SessionOptions& session,
                                     std::shared_ptr<const AzureIdentity> identity, sdk::Log log)
    : Service({.max_attempts = kMaxAttempts}, session, log, {}),
      path_(settings.account_id.policy_path(settings.container)),
      url_(settings.management_endpoint + path_ + "?api-version=" + std::string(kApiVersion)),
      place_("the container " + quoted(settings.container) + " of the account " +
             quoted(settings.account_id.account)),
      authorizer_(
          std::move(identity), settings.account_id.account, [this] { return now_unix_s(); },
          settings.management_audience) {}

Result<std::unique_ptr<ManagementService>> ManagementService::make(
    const AzureSettings& settings, std::shared_ptr<const AzureIdentity> identity, sdk::Log log) {
  const auto endpoint = cloud::parse_http_url(settings.management_endpoint);
  if (!endpoint || (!endpoint->is_tls && !endpoint->is_loopback()))
    return Error{ErrorCode::usage, "/management_endpoint: it is no https URL"};
  http::SessionOptions session;
  session.ca_file = settings.ca_file;
  session.allows_plain = !endpoint->is_tls;
  session.takes_proxy = !endpoint->is_loopback();
  session.connections = 1;
  return std::unique_ptr<ManagementService>(
      new ManagementService(settings, session, std::move(identity), log));
}

Result<ContainerPolicy> ManagementService::get_policy(http::Session& session,
                                                      const sdk::Call& call) {
  constexpr std::string_view kDoing = "ask for the immutability policy of";
  CAVRA_TRY(const http::Response response, ask(session, call,
                                               {.doing = kDoing,
                                                .action = kReadPolicy,
                                                .method = "GET",
                                                .key = {},
                                                .max_body_bytes = kMaxPolicyBytes,
                                                .answers = {404}}));
  if (response.is_success()) return parse_container_policy(response.body);
  const ManagementError said = management_error(response);
  if (said.is_no_policy()) return ContainerPolicy{};
  return to_error(said, std::string(kDoing) + " " + place_, kReadPolicy);
}

std::unique_ptr<cloud::Service::Attempts> ManagementService::first_attempt() const {
  return std::make_unique<ManagementAttempts>();
}

Result<http::Request> ManagementService::make(const sdk::Call& call, const cloud::Ask& ask,
                                              Attempts& attempts) {
  auto& own = static_cast<ManagementAttempts&>(attempts);
  CAVRA_TRY(own.authorized,
            authorizer_.authorize(call, {.method = ask.method,
                                         .path = path_,
                                         .query = {{"api-version", std::string(kApiVersion)}},
                                         .headers = {}}));
  attempts.url = url_;
  http::Request made;
  made.url = url_;
  made.headers = own.authorized.headers;
  return made;
}

cloud::Refusal ManagementService::refusal(const http::Response& response, std::string_view doing,
                                          std::string_view action) const {
  const ManagementError said = management_error(response);
  return {to_error(said, doing, action), remedy_of(said)};
}

std::string ManagementService::refusal_text(const http::Response& response) const {
  return management_error(response).text();
}

bool ManagementService::correct(cloud::Remedy remedy, Attempts& attempts, const http::Response&) {
  const auto& authorized = static_cast<ManagementAttempts&>(attempts).authorized;
  if (remedy != cloud::Remedy::new_credentials || authorized.token == nullptr) return false;
  authorizer_.forget(authorized);
  return true;
}

std::string ManagementService::place() const {
  return place_;
}

}  // namespace cavra::azure
