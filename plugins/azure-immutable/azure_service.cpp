#include "azure_service.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/retry_after.hpp"
#include "http/http_date.hpp"

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

// What one exchange has had. Each correction is made once: a second of its kind is a fault.
struct AzureService::Attempts {
  Authorizer::Authorized authorized;
  std::chrono::steady_clock::time_point begun;
  std::string url;  // for the log: without a SAS
  bool has_new_clock = false;
  bool has_new_token = false;
};

AzureService::AzureService(AzureAccess access, AzureIdentity identity)
    : access_(std::move(access)),
      authorizer_(std::move(identity), access_.account, [this] { return now_unix_s(); }),
      sessions_(access_.session) {}

std::int64_t AzureService::now_unix_s() const {
  return now_utc().unix_s + clock_offset_s_.load();
}

std::string AzureService::named(const Ask& ask) const {
  return std::string(ask.doing) + " " +
         (ask.key.empty() ? access_.address.location("") : quoted(ask.key));
}

Result<http::Request> AzureService::make(const sdk::Call& call, const Ask& ask,
                                         Attempts& attempts) {
  UnauthorizedRequest request{.method = ask.method,
                              .path = access_.address.path(ask.key),
                              .query = ask.query,
                              .headers = ask.headers,
                              .body_bytes = ask.body == nullptr ? 0 : ask.body->length()};
  request.headers.set("x-ms-version", std::string(kVersion));
  if (ask.more_headers) {
    const http::Headers more = ask.more_headers();
    for (const http::Header& header : more.all())
      request.headers.set(header.name, header.value);
  }
  CAVRA_TRY(attempts.authorized, authorizer_.authorize(call, request));
  for (const http::Header& header : attempts.authorized.headers.all())
    request.headers.set(header.name, header.value);
  std::string query = encoded(ask.query);
  attempts.url = access_.address.url(request.path, query);
  if (!attempts.authorized.query.empty()) {
    if (!query.empty()) query += '&';
    query += attempts.authorized.query;
  }
  attempts.begun = std::chrono::steady_clock::now();
  return http::Request{.method = ask.method,
                       .url = access_.address.url(request.path, query),
                       .headers = std::move(request.headers),
                       .body = ask.body,
                       .accept = ask.accept,
                       .sink = ask.sink,
                       .max_body_bytes = ask.max_body_bytes};
}

// One line an attempt. Nothing of it is secret: signatures and tokens are headers, a SAS is left
// out.
void AzureService::note(const Ask& ask, const Attempts& attempts,
                        const http::Answer& answer) const {
  if (!access_.log.is_wanted()) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - attempts.begun);
  std::string line = ask.method + " " + attempts.url + " -> ";
  if (answer.response) {
    const http::Response& response = *answer.response;
    line += response.is_success() ? std::to_string(response.status) : azure_error(response).text();
    if (const auto version = response.headers.find("x-ms-version-id"))
      line += ", version " + std::string(*version);
  } else if (answer.failure) {
    line += answer.failure->message;
  }
  access_.log.debug(line + ", " + std::to_string(took.count()) + " ms");
}

bool AzureService::correct(Remedy remedy, Attempts& attempts, const http::Response& response) {
  if (remedy == Remedy::new_clock) {
    const auto date = http::parse_http_date(response.headers.get("date"));
    if (!date || std::exchange(attempts.has_new_clock, true)) return false;
    clock_offset_s_.store(*date - now_utc().unix_s);
    return true;
  }
  if (remedy == Remedy::new_token) {
    if (attempts.authorized.token == nullptr || std::exchange(attempts.has_new_token, true))
      return false;
    authorizer_.forget(attempts.authorized);
    return true;
  }
  return false;
}

http::Judgement AzureService::judge(const Ask& ask, Attempts& attempts,
                                    const http::Answer& answer) {
  using Verdict = http::Judgement::Verdict;
  note(ask, attempts, answer);
  if (answer.failure) {
    const bool is_permanent = answer.failure->is_permanent;
    Error error{ErrorCode::io, named(ask) + ": " + answer.failure->message, !is_permanent};
    return {is_permanent ? Verdict::failed : Verdict::later, std::move(error), {}};
  }
  const http::Response& response = *answer.response;
  if (response.is_success()) return {};
  const AzureError said = azure_error(response);
  Error error = to_error(said, named(ask), ask.action);
  const Remedy remedy = remedy_of(said, response);
  if (std::ranges::find(ask.answers, response.status) != ask.answers.end()) {
    if (correct(remedy, attempts, response)) return {Verdict::now, std::move(error), {}};
    return {};
  }
  if (remedy == Remedy::wait)
    return {Verdict::later, std::move(error), cloud::retry_after(response)};
  if (correct(remedy, attempts, response)) return {Verdict::now, std::move(error), {}};
  return {Verdict::failed, std::move(error), {}};
}

http::Exchange AzureService::exchange(const sdk::Call& call, Ask asked) {
  const auto ask = std::make_shared<const Ask>(std::move(asked));
  const auto attempts = std::make_shared<Attempts>();
  return {.make = [this, &call, ask, attempts] { return make(call, *ask, *attempts); },
          .judge = [this, ask, attempts](
                       const http::Answer& answer) { return judge(*ask, *attempts, answer); },
          .has_happened = ask->has_happened};
}

Result<http::Response> AzureService::ask(http::Session& session, const sdk::Call& call, Ask ask) {
  const std::string what = named(ask);
  auto ended = http::run(session, call, access_.retry, exchange(call, std::move(ask)));
  if (ended || ended.error().message.starts_with(what)) return ended;
  // What was not judged: a deadline, an answer without an end.
  Error error = std::move(ended).error();
  error.message = what + ": " + error.message;
  return error;
}

}  // namespace cavra::azure
