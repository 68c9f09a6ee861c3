#include "cloud/wiped_answer.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"

namespace cavra::cloud {
namespace {

using Verdict = http::Judgement::Verdict;

http::BodySink sink_into(WipedText& body) {
  return [&body](std::span<const std::byte> bytes) -> Result<void> {
    if (body.size() + bytes.size() > kMaxCredentialBytes)
      return Error{ErrorCode::io, "the answer is too long to be credentials", false};
    body.append(as_text(bytes));
    return {};
  };
}

ErrorCode code_of(int status) {
  if (status >= 500 || status == 429) return ErrorCode::unavailable;
  return status == 401 || status == 403 ? ErrorCode::forbidden : ErrorCode::usage;
}

}  // namespace

Error when(const std::string& tried, Error error) {
  error.message = tried + ": " + error.message;
  return error;
}

http::Judgement judge_by_status(const http::Answer& answer) {
  if (!answer.response) {
    const bool is_permanent = answer.failure->is_permanent;
    return {.verdict = is_permanent ? Verdict::failed : Verdict::later,
            .error = {ErrorCode::io, answer.failure->message, !is_permanent}};
  }
  if (answer.response->is_success()) return {};
  const int status = answer.response->status;
  const ErrorCode code = code_of(status);
  const bool is_later = code == ErrorCode::unavailable;
  return {.verdict = is_later ? Verdict::later : Verdict::failed,
          .error = {code, "the answer is HTTP status " + std::to_string(status), is_later}};
}

Result<WipedText> ask(http::Session& session, const sdk::Call& call,
                      const http::RetryPolicy& policy, const WipedQuestion& question) {
  WipedText body;
  body.reserve(kMaxCredentialBytes);
  const auto make = [&]() -> Result<http::Request> {
    body.clear();
    CAVRA_TRY(http::Request request, question.make());
    request.sink = sink_into(body);
    return request;
  };
  const auto response =
      http::run(session, call, policy,
                {.make = make, .judge = question.judge ? question.judge : judge_by_status});
  if (!response) return when(question.asked, response.error());
  return body;
}

}  // namespace cavra::cloud
