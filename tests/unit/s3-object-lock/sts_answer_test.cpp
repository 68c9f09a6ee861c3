#include "s3-object-lock/sts_answer.hpp"

#include <doctest/doctest.h>

#include <array>

namespace cavra::s3 {
namespace {

using Verdict = http::Judgement::Verdict;

http::Answer answer_of(int status, std::string body) {
  return {.response = http::Response{.status = status,
                                     .headers = {{"Date", "Tue, 01 Jan 2030 00:00:00 GMT"}},
                                     .body = std::move(body)},
          .failure = {}};
}

TEST_CASE("STS's codes say whether to ask again, and what is wrong") {
  struct Row {
    int status;
    std::string_view code;
    Verdict verdict;
    ErrorCode error;
    std::string_view problem;
  };
  static constexpr std::array rows{
      Row{400, "Throttling", Verdict::later, ErrorCode::unavailable, "Throttling: told"},
      Row{400, "IDPCommunicationError", Verdict::later, ErrorCode::unavailable, "IDP"},
      Row{500, "Unheard", Verdict::later, ErrorCode::unavailable, "Unheard"},
      Row{403, "AccessDenied", Verdict::failed, ErrorCode::forbidden, "AccessDenied: told"},
      Row{403, "InvalidClientTokenId", Verdict::failed, ErrorCode::forbidden, "told"},
      Row{400, "ExpiredTokenException", Verdict::failed, ErrorCode::forbidden, "told"},
      Row{400, "InvalidIdentityToken", Verdict::failed, ErrorCode::forbidden, "told"},
      Row{400, "ValidationError", Verdict::failed, ErrorCode::usage, "ValidationError: told"},
      Row{403, "RegionDisabledException", Verdict::failed, ErrorCode::usage, "told"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.code);
    const std::string error =
        "<Error><Code>" + std::string(row.code) + "</Code><Message>told</Message></Error>";
    for (const std::string& body : {error, "<ErrorResponse>" + error + "</ErrorResponse>"}) {
      const auto judged = judge_sts_answer(answer_of(row.status, body));
      CHECK(judged.verdict == row.verdict);
      CHECK(judged.error.code == row.error);
      CHECK(judged.error.message.find(row.problem) != std::string::npos);
    }
  }
}

// AWS's message has the canonical request, and in it x-amz-security-token.
TEST_CASE("a wrong signature is told without STS's own words, which have the token") {
  for (const std::string code : {"SignatureDoesNotMatch", "IncompleteSignature"}) {
    const auto judged = judge_sts_answer(
        answer_of(403, "<ErrorResponse><Error><Code>" + code +
                           "</Code><Message>HIDDEN</Message></Error></ErrorResponse>"));
    CHECK(judged.verdict == Verdict::failed);
    CHECK(judged.error.code == ErrorCode::forbidden);
    CHECK(judged.error.message ==
          code +
              ": the secret key is not the one of the access key id, or this machine's clock is "
              "wrong; STS's clock says Tue, 01 Jan 2030 00:00:00 GMT");
  }
}

TEST_CASE("an answer without a code is judged by its status") {
  CHECK(judge_sts_answer(answer_of(503, "busy")).verdict == Verdict::later);
  CHECK(judge_sts_answer(answer_of(403, "<html/>")).error.code == ErrorCode::forbidden);
  CHECK(judge_sts_answer(answer_of(302, "")).error.code == ErrorCode::usage);
  CHECK(judge_sts_answer(answer_of(200, "")).verdict == Verdict::done);
}

TEST_CASE("an answer that is not whole has no credentials") {
  constexpr std::string_view kHead = "<AResponse><AResult><Credentials>";
  constexpr std::string_view kTail = "</Credentials></AResult></AResponse>";
  constexpr std::string_view kKeys =
      "<AccessKeyId>HIDDEN</AccessKeyId><SecretAccessKey>HIDDEN</SecretAccessKey>";
  const auto wrapped = [&](std::string_view inner) {
    return std::string(kHead) + std::string(inner) + std::string(kTail);
  };
  const std::string keys(kKeys);
  const std::string token = "<SessionToken>HIDDEN</SessionToken>";
  const std::string expiration = "<Expiration>2030-01-01T00:00:00.123456789Z</Expiration>";
  CHECK(parse_sts_credentials(wrapped(keys + token + expiration), "A"));
  for (const std::string& xml :
       {std::string(), std::string("<AResponse/>"),
        std::string("<BResponse><BResult/></BResponse>"), wrapped(""), wrapped(keys),
        wrapped(keys + token), wrapped(keys + expiration), wrapped(token + expiration),
        wrapped(keys + token + "<Expiration>HIDDEN</Expiration>"),
        wrapped(keys + token + expiration).substr(0, 100)}) {
    CAPTURE(xml);
    const auto read = parse_sts_credentials(xml, "A");
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("HIDDEN") == std::string::npos);
  }
  CHECK_FALSE(parse_sts_credentials(wrapped(keys + token + expiration), "B"));
}

}  // namespace
}  // namespace cavra::s3
