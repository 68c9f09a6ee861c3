#include "token_answer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "cloud/retry_after.hpp"
#include "cloud/wiped_answer.hpp"
#include "token_document.hpp"

namespace cavra::azure {

namespace {

using Verdict = http::Judgement::Verdict;

// With as many repeats as fetch_token.cpp has, more than the 70 seconds for which 410 may come:
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
constexpr std::chrono::seconds kRenewalPause{15};

struct Outcome {
  std::string_view error;
  ErrorCode code;
  std::string_view advice;
};

// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
constexpr std::array kOutcomes{
    Outcome{"invalid_client", ErrorCode::forbidden,
            "the secret, the certificate or the federated token is not the application's, or has "
            "run out"},
    Outcome{"unauthorized_client", ErrorCode::forbidden,
            "the tenant does not know the application, or does not let it in"},
    Outcome{"invalid_request", ErrorCode::usage, "look at tenant_id, client_id and authority"},
    Outcome{"invalid_scope", ErrorCode::usage, ""},
};

http::Judgement judge(const http::Answer& answer) {
  http::Judgement judged = cloud::judge_by_status(answer);
  if (!answer.response || judged.verdict == Verdict::done) return judged;
  const TokenRefusal refusal = parse_token_refusal(answer.response->body);
  for (const std::string& word : {refusal.error, refusal.codes})
    if (!word.empty()) judged.error.message += ", " + word;
  judged.after = cloud::retry_after(*answer.response);
  return judged;
}

http::Judgement later(http::Judgement judged) {
  judged.verdict = Verdict::later;
  judged.error.code = ErrorCode::unavailable;
  judged.error.retryable = true;
  return judged;
}

}  // namespace

http::Judgement judge_entra(const http::Answer& answer) {
  http::Judgement judged = judge(answer);
  if (!answer.response || judged.verdict != Verdict::failed) return judged;
  const std::string error = parse_token_refusal(answer.response->body).error;
  if (error == "temporarily_unavailable" || error == "server_error")
    return later(std::move(judged));
  judged.error.code = ErrorCode::forbidden;
  const auto* const known = std::ranges::find(kOutcomes, error, &Outcome::error);
  if (known == kOutcomes.end()) return judged;
  judged.error.code = known->code;
  if (!known->advice.empty()) judged.error.message += ": " + std::string(known->advice);
  return judged;
}

http::Judgement judge_machine(const http::Answer& answer) {
  http::Judgement judged = judge(answer);
  if (!answer.response) {
    judged.error.message +=
        "; is this a machine of Azure with an identity? A person's login is taken with "
        "\"authentication\": \"az\"";
    // Where nobody listens, nobody will.
    if (!answer.failure->may_be_sent) judged.verdict = Verdict::failed;
    return judged;
  }
  const int status = answer.response->status;
  // They pass.
  if (status == 404 || status == 410) judged = later(std::move(judged));
  if (status == 410 && !judged.after) judged.after = kRenewalPause;
  if (status == 400)
    judged.error.message +=
        ": there is no such identity, or there are several; assign one, or set client_id";
  return judged;
}

}  // namespace cavra::azure
