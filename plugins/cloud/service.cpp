#include "cloud/service.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/retry_after.hpp"
#include "http/http_date.hpp"

namespace cavra::cloud {

namespace {

using Verdict = http::Judgement::Verdict;

// Below that a clock is right: services take a quarter of an hour.
constexpr std::int64_t kSameClockSeconds = 60;

}  // namespace

Service::Service(http::RetryPolicy retry, http::SessionOptions session, sdk::Log log,
                 std::string version_header)
    : retry_(retry),
      log_(log),
      version_header_(std::move(version_header)),
      sessions_(std::move(session)) {}

std::int64_t Service::now_unix_s() const {
  return now_utc().unix_s + clock_offset_s_.load();
}

std::string Service::named(const Ask& ask) const {
  return std::string(ask.doing) + " " + (ask.key.empty() ? place() : quoted(ask.key));
}

// One line an attempt. Nothing of it is secret: signatures and tokens are headers.
void Service::note(const Ask& ask, const Attempts& attempts, const http::Answer& answer) const {
  if (!log_.is_wanted()) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - attempts.begun);
  std::string line = ask.method + " " + attempts.url + " -> ";
  if (answer.response) {
    const http::Response& response = *answer.response;
    line += response.is_success() ? std::to_string(response.status) : refusal_text(response);
    if (const auto version = response.headers.find(version_header_))
      line += ", version " + std::string(*version);
  } else if (answer.failure) {
    line += answer.failure->message;
  }
  log_.debug(line + ", " + std::to_string(took.count()) + " ms");
}

bool Service::correct_clock(const http::Response& response) {
  const auto date = http::parse_http_date(response.headers.get("date"));
  if (!date) return false;
  const std::int64_t offset = *date - now_utc().unix_s;
  const std::int64_t before = clock_offset_s_.exchange(offset);
  // The other thread that was told the same may have set it already.
  return std::abs(offset) > kSameClockSeconds || before != offset;
}

bool Service::set_right(Remedy remedy, Attempts& attempts, const http::Response& response) {
  if (remedy == Remedy::none || remedy == Remedy::wait) return false;
  if (!attempts.corrected.insert(remedy).second) return false;
  return remedy == Remedy::new_clock ? correct_clock(response)
                                     : correct(remedy, attempts, response);
}

// Also where the caller reads the refusal: what can be set right is none yet.
http::Judgement Service::judge_refusal(const Ask& ask, Attempts& attempts,
                                       const http::Response& response) {
  const bool is_read = std::ranges::find(ask.answers, response.status) != ask.answers.end();
  Refusal refused = refusal(response, named(ask), ask.action);
  if (set_right(refused.remedy, attempts, response))
    return {Verdict::now, std::move(refused.error), {}};
  if (is_read) return {};
  if (refused.remedy == Remedy::wait)
    return {Verdict::later, std::move(refused.error), retry_after(response)};
  return {Verdict::failed, std::move(refused.error), {}};
}

http::Judgement Service::judge(const Ask& ask, Attempts& attempts, const http::Answer& answer) {
  note(ask, attempts, answer);
  if (answer.failure) {
    const bool is_permanent = answer.failure->is_permanent;
    Error error{ErrorCode::io, named(ask) + ": " + answer.failure->message, !is_permanent};
    return {is_permanent ? Verdict::failed : Verdict::later, std::move(error), {}};
  }
  const http::Response& response = *answer.response;
  if (response.is_success() && (!ask.is_done || ask.is_done(response))) return {};
  return judge_refusal(ask, attempts, response);
}

http::Exchange Service::exchange(const sdk::Call& call, Ask asked) {
  const auto ask = std::make_shared<const Ask>(std::move(asked));
  const std::shared_ptr<Attempts> attempts = first_attempt();
  return {.make = [this, &call, ask, attempts]() -> Result<http::Request> {
            CAVRA_TRY(http::Request request, make(call, *ask, *attempts));
            request.method = ask->method;
            request.body = ask->body;
            request.accept = ask->accept;
            request.sink = ask->sink;
            request.max_body_bytes = ask->max_body_bytes;
            attempts->begun = std::chrono::steady_clock::now();
            return request;
          },
          .judge = [this, ask, attempts](
                       const http::Answer& answer) { return judge(*ask, *attempts, answer); },
          .has_happened = ask->has_happened};
}

Result<http::Response> Service::ask(http::Session& session, const sdk::Call& call, Ask ask) {
  const std::string what = named(ask);
  auto ended = http::run(session, call, retry_, exchange(call, std::move(ask)));
  if (ended || ended.error().message.starts_with(what)) return ended;
  // What was not judged: a deadline, an answer without an end.
  Error error = std::move(ended).error();
  error.message = what + ": " + error.message;
  return error;
}

}  // namespace cavra::cloud
