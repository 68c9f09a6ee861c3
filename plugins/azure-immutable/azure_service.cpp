#include "azure_service.hpp"

#include <utility>

#include "fetch_token.hpp"

namespace cavra::azure {

namespace {

// Old enough for every server, new enough for all that is asked here.
constexpr std::string_view kVersion = "2023-11-03";

std::string encoded(const http::QueryParameters& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += http::encode_component(name) + "=" + http::encode_component(value);
  }
  return text;
}

}  // namespace

struct AzureService::AzureAttempts final : Attempts {
  Authorizer::Authorized authorized;
};

AzureService::AzureService(const AzureAccess& access, std::shared_ptr<const AzureIdentity> identity)
    : Service(access.retry, access.session, access.log, "x-ms-version-id"),
      address_(access.address),
      authorizer_(
          std::move(identity), access.account, [this] { return now_unix_s(); }, kStorageAudience) {}

std::unique_ptr<cloud::Service::Attempts> AzureService::first_attempt() const {
  return std::make_unique<AzureAttempts>();
}

Result<http::Request> AzureService::make(const sdk::Call& call, const Ask& ask,
                                         Attempts& attempts) {
  auto& own = static_cast<AzureAttempts&>(attempts);
  UnauthorizedRequest request{.method = ask.method,
                              .path = address_.path(ask.key),
                              .query = ask.query,
                              .headers = ask.headers,
                              .body_bytes = ask.body == nullptr ? 0 : ask.body->length()};
  request.headers.set("x-ms-version", std::string(kVersion));
  if (ask.more_headers) {
    const http::Headers more = ask.more_headers();
    for (const http::Header& header : more.all())
      request.headers.set(header.name, header.value);
  }
  CAVRA_TRY(own.authorized, authorizer_.authorize(call, request));
  for (const http::Header& header : own.authorized.headers.all())
    request.headers.set(header.name, header.value);
  std::string query = encoded(ask.query);
  attempts.url = address_.url(request.path, query);  // without a SAS
  if (!own.authorized.query.empty()) {
    if (!query.empty()) query += '&';
    query += own.authorized.query;
  }
  http::Request made;
  made.url = address_.url(request.path, query);
  made.headers = std::move(request.headers);
  return made;
}

cloud::Refusal AzureService::refusal(const http::Response& response, std::string_view doing,
                                     std::string_view action) const {
  const AzureError said = azure_error(response);
  return {to_error(said, doing, action), remedy_of(said, response)};
}

std::string AzureService::refusal_text(const http::Response& response) const {
  return azure_error(response).text();
}

bool AzureService::correct(cloud::Remedy remedy, Attempts& attempts, const http::Response&) {
  const auto& authorized = static_cast<AzureAttempts&>(attempts).authorized;
  if (remedy != cloud::Remedy::new_credentials || authorized.token == nullptr) return false;
  authorizer_.forget(authorized);
  return true;
}

}  // namespace cavra::azure
