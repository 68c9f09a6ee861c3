#include "s3_service.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/retry_after.hpp"
#include "fetch_credentials.hpp"
#include "http/http_date.hpp"

namespace cavra::s3 {

const std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

namespace {

constexpr std::string_view kService = "s3";
// Below that a clock is right: the service takes 15 minutes.
constexpr std::int64_t kSameClockSeconds = 60;

http::Judgement failed(Error error) {
  return {.verdict = http::Judgement::Verdict::failed, .error = std::move(error), .after = {}};
}

}  // namespace

// What one exchange has had. Each correction is made once: a second of its kind is a fault.
struct S3Service::Attempts {
  CredentialProvider::Given credentials;
  std::chrono::steady_clock::time_point begun;
  std::string url;  // for the log
  bool has_new_clock = false;
  bool has_new_credentials = false;
  bool has_other_region = false;
};

S3Service::S3Service(S3Access access, const AwsSettings& aws)
    : access_(std::move(access)),
      credentials_(make_credential_provider(aws, false, [this] { return now_unix_s(); })),
      sessions_(access_.session),
      address_(access_.address) {}

S3Address S3Service::address() const {
  const std::scoped_lock lock(mutex_);
  return address_;
}

std::int64_t S3Service::now_unix_s() const {
  return now_utc().unix_s + clock_offset_s_.load();
}

std::string S3Service::named(const Ask& ask) const {
  const std::string what = ask.key.empty() ? address().location("") : quoted(ask.key);
  return std::string(ask.doing) + " " + what;
}

Result<http::Request> S3Service::make(const sdk::Call& call, const Ask& ask, Attempts& attempts) {
  CAVRA_TRY(attempts.credentials, credentials_->get(call));
  const S3Address address = this->address();
  UnsignedRequest request{.method = ask.method,
                          .path = address.path(ask.key),
                          .query = ask.query,
                          .headers = ask.headers,
                          .payload_sha256 = ask.payload_sha256};
  request.headers.set("host", address.host());
  if (!access_.expected_bucket_owner.empty())
    request.headers.set("x-amz-expected-bucket-owner", access_.expected_bucket_owner);
  if (ask.more_headers) {
    const http::Headers more = ask.more_headers();
    for (const http::Header& header : more.all())
      request.headers.set(header.name, header.value);
  }
  attempts.url = address.url(request.path, canonical_query(ask.query));
  attempts.begun = std::chrono::steady_clock::now();
  const SigningScope scope{address.region(), std::string(kService)};
  return http::Request{
      .method = ask.method,
      .url = attempts.url,
      .headers =
          signed_headers(request, signing_credentials(*attempts.credentials), scope, now_unix_s()),
      .body = ask.body,
      .accept = ask.accept,
      .sink = ask.sink,
      .max_body_bytes = ask.max_body_bytes};
}

// One line an attempt. Nothing of it is secret: signatures and tokens are headers.
void S3Service::note(const Ask& ask, const Attempts& attempts, const http::Answer& answer) const {
  if (!access_.log.is_wanted()) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - attempts.begun);
  std::string line = ask.method + " " + attempts.url + " -> ";
  if (answer.response) {
    const http::Response& response = *answer.response;
    line +=
        response.is_success() ? std::to_string(response.status) : service_error(response).text();
    if (const auto version = response.headers.find("x-amz-version-id"))
      line += ", version " + std::string(*version);
  } else if (answer.failure) {
    line += answer.failure->message;
  }
  access_.log.debug(line + ", " + std::to_string(took.count()) + " ms");
}

bool S3Service::correct_clock(const http::Response& response) {
  const auto date = http::parse_http_date(response.headers.get("date"));
  if (!date) return false;
  const std::int64_t offset = *date - now_utc().unix_s;
  const std::int64_t before = clock_offset_s_.exchange(offset);
  // The other thread that was told the same may have set it already.
  return std::abs(offset) > kSameClockSeconds || before != offset;
}

bool S3Service::correct_region(std::string_view region) {
  const std::scoped_lock lock(mutex_);
  auto moved = address_.in_region(region);
  if (!moved) return false;
  address_ = *std::move(moved);
  return true;
}

bool S3Service::correct(Remedy remedy, Attempts& attempts, const ServiceError& error,
                        const http::Response& response) {
  switch (remedy) {
    case Remedy::new_clock:
      return !std::exchange(attempts.has_new_clock, true) && correct_clock(response);
    case Remedy::new_credentials:
      if (std::exchange(attempts.has_new_credentials, true)) return false;
      credentials_->forget(attempts.credentials);
      return true;
    case Remedy::other_region:
      return !std::exchange(attempts.has_other_region, true) && correct_region(error.region);
    case Remedy::none:
    case Remedy::wait:
      return false;
  }
  return false;
}

http::Judgement S3Service::judge_error(const Ask& ask, Attempts& attempts,
                                       const http::Response& response) {
  const ServiceError said = service_error(response);
  Error error = to_error(said, named(ask), ask.action);
  const Remedy remedy = remedy_of(said);
  using Verdict = http::Judgement::Verdict;
  if (remedy == Remedy::wait)
    return {Verdict::later, std::move(error), cloud::retry_after(response)};
  if (correct(remedy, attempts, said, response)) return {Verdict::now, std::move(error), {}};
  return failed(std::move(error));
}

http::Judgement S3Service::judge(const Ask& ask, Attempts& attempts, const http::Answer& answer) {
  note(ask, attempts, answer);
  if (answer.failure) {
    Error error{ErrorCode::io, named(ask) + ": " + answer.failure->message,
                !answer.failure->is_permanent};
    if (answer.failure->is_permanent) return failed(std::move(error));
    return {http::Judgement::Verdict::later, std::move(error), {}};
  }
  const http::Response& response = *answer.response;
  const bool is_success = response.is_success() && (!ask.is_done || ask.is_done(response));
  if (is_success) return {};
  if (std::ranges::find(ask.answers, response.status) == ask.answers.end())
    return judge_error(ask, attempts, response);
  // An answer, but for what can be set right.
  const ServiceError said = service_error(response);
  if (!correct(remedy_of(said), attempts, said, response)) return {};
  return {http::Judgement::Verdict::now, to_error(said, named(ask), ask.action), {}};
}

http::Exchange S3Service::exchange(const sdk::Call& call, Ask asked) {
  const auto ask = std::make_shared<const Ask>(std::move(asked));
  const auto attempts = std::make_shared<Attempts>();
  return {.make = [this, &call, ask, attempts] { return make(call, *ask, *attempts); },
          .judge = [this, ask, attempts](
                       const http::Answer& answer) { return judge(*ask, *attempts, answer); },
          .has_happened = ask->has_happened};
}

Result<http::Response> S3Service::ask(http::Session& session, const sdk::Call& call, Ask ask) {
  const std::string what = named(ask);
  auto ended = http::run(session, call, access_.retry, exchange(call, std::move(ask)));
  if (ended || ended.error().message.starts_with(what)) return ended;
  // What was not judged: a deadline, an answer without an end.
  Error error = std::move(ended).error();
  error.message = what + ": " + error.message;
  return error;
}

}  // namespace cavra::s3
