#include "sts_answer.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "cavra/support/encoding.hpp"
#include "cloud/wiped_answer.hpp"
#include "cloud/wiped_text.hpp"
#include "http/xml.hpp"

namespace cavra::s3 {
namespace {

using Verdict = http::Judgement::Verdict;

enum class Meaning {
  later,          // it may be better the next time
  forbidden,      // STS refuses
  bad_signature,  // the signature is not the one that STS makes
};

struct StsOutcome {
  std::string_view code;
  Meaning meaning;
};

// STS API Reference, "Common errors" and those of the two actions. All others: what was asked for
// is wrong.
constexpr std::array kOutcomes{
    StsOutcome{"Throttling", Meaning::later},
    StsOutcome{"ThrottlingException", Meaning::later},
    StsOutcome{"RequestLimitExceeded", Meaning::later},
    StsOutcome{"IDPCommunicationError", Meaning::later},
    StsOutcome{"ServiceUnavailable", Meaning::later},
    StsOutcome{"InternalFailure", Meaning::later},
    StsOutcome{"AccessDenied", Meaning::forbidden},
    StsOutcome{"AccessDeniedException", Meaning::forbidden},
    StsOutcome{"InvalidClientTokenId", Meaning::forbidden},
    StsOutcome{"ExpiredToken", Meaning::forbidden},
    StsOutcome{"ExpiredTokenException", Meaning::forbidden},
    StsOutcome{"InvalidIdentityToken", Meaning::forbidden},
    StsOutcome{"IDPRejectedClaim", Meaning::forbidden},
    StsOutcome{"SignatureDoesNotMatch", Meaning::bad_signature},
    StsOutcome{"IncompleteSignature", Meaning::bad_signature},
    StsOutcome{"RequestExpired", Meaning::bad_signature},
};

struct StsProblem {
  std::string code;
  std::string message;
};

// Empty, where the answer says nothing of the kind.
StsProblem problem_in(const std::string& body) {
  const auto document = http::XmlDocument::parse(body);
  if (!document) return {};
  const http::XmlElement root = document->root();
  const http::XmlElement error = root.name() == "Error" ? root : root.child("Error");
  return {error.text_of("Code"), error.text_of("Message")};
}

// A message about a signature has the request in it, with its session token: it is not told.
http::Judgement judge_unsigned(const std::string& code, const http::Response& response) {
  const std::string_view date = response.headers.get("date");
  return {.verdict = Verdict::failed,
          .error = {ErrorCode::forbidden,
                    code +
                        ": the secret key is not the one of the access key id, or this machine's "
                        "clock is wrong" +
                        (date.empty() ? "" : "; STS's clock says " + printable(date, 40)),
                    false}};
}

http::Judgement judge_problem(const StsProblem& problem, const http::Response& response) {
  const std::string code = printable(problem.code, 80);
  const std::string told = "HTTP status " + std::to_string(response.status) + ", " + code +
                           (problem.message.empty() ? "" : ": " + printable(problem.message));
  const auto known = std::ranges::find(kOutcomes, problem.code, &StsOutcome::code);
  if (known == kOutcomes.end()) {
    if (response.status >= 500)
      return {.verdict = Verdict::later, .error = {ErrorCode::unavailable, told, true}};
    return {.verdict = Verdict::failed, .error = {ErrorCode::usage, told, false}};
  }
  switch (known->meaning) {
    case Meaning::later:
      return {.verdict = Verdict::later, .error = {ErrorCode::unavailable, told, true}};
    case Meaning::forbidden:
      return {.verdict = Verdict::failed, .error = {ErrorCode::forbidden, told, false}};
    case Meaning::bad_signature:
      break;
  }
  return judge_unsigned(code, response);
}

}  // namespace

Result<AwsCredentials> parse_sts_credentials(std::string_view xml, std::string_view action) {
  CAVRA_TRY(const http::XmlDocument document, http::XmlDocument::parse(xml));
  const http::XmlElement found =
      document.root().child(std::string(action) + "Result").child("Credentials");
  if (!found) return Error{ErrorCode::io, "the answer has no credentials in it", false};
  std::string secret = found.text_of("SecretAccessKey");
  std::string token = found.text_of("SessionToken");
  const std::string id = found.text_of("AccessKeyId");
  const std::string expiration = found.text_of("Expiration");
  auto credentials = make_credentials({id, secret, token, expiration});
  cloud::wipe(secret);
  cloud::wipe(token);
  if (credentials && (credentials->session_token.empty() || !credentials->expires_unix_s))
    return Error{ErrorCode::io, "the answer has no session token or no expiration", false};
  return credentials;
}

http::Judgement judge_sts_answer(const http::Answer& answer) {
  if (!answer.response || answer.response->is_success()) return cloud::judge_by_status(answer);
  const StsProblem problem = problem_in(answer.response->body);
  if (problem.code.empty()) return cloud::judge_by_status(answer);
  return judge_problem(problem, *answer.response);
}

}  // namespace cavra::s3
