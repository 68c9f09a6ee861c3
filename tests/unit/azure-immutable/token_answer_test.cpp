#include "azure-immutable/token_answer.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace cavra::azure {
namespace {

using Verdict = http::Judgement::Verdict;

http::Answer answer(int status, std::string body = {}, const http::Headers& headers = {}) {
  return {.response = http::Response{.status = status, .headers = headers, .body = std::move(body)},
          .failure = {}};
}

TEST_CASE("a machine's service that is being renewed is given the time for it") {
  const http::Judgement gone = judge_machine(answer(410));
  CHECK(gone.verdict == Verdict::later);
  CHECK(gone.error.code == ErrorCode::unavailable);
  CHECK(gone.after == std::chrono::seconds(15));
  http::Headers headers;
  headers.add("Retry-After", "3");
  CHECK(judge_machine(answer(410, {}, headers)).after == std::chrono::seconds(3));
  CHECK(judge_machine(answer(404)).verdict == Verdict::later);
  CHECK(judge_machine(answer(200)).verdict == Verdict::done);
}

TEST_CASE("a machine without such an identity is told what to change") {
  const http::Judgement none = judge_machine(answer(400, R"({"error": "invalid_request"})"));
  CHECK(none.verdict == Verdict::failed);
  CHECK(none.error.message.find("invalid_request: there is no such identity") != std::string::npos);
}

TEST_CASE("Entra that is busy is left alone for as long as it says") {
  http::Headers headers;
  headers.add("Retry-After", "4");
  const http::Judgement busy = judge_entra(answer(429, {}, headers));
  CHECK(busy.verdict == Verdict::later);
  CHECK(busy.after == std::chrono::seconds(4));
}

}  // namespace
}  // namespace cavra::azure
