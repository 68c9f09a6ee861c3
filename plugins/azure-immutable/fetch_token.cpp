#include "fetch_token.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "cloud/form_body.hpp"
#include "cloud/http_url.hpp"
#include "cloud/secret_file.hpp"
#include "cloud/wiped_answer.hpp"
#include "token_document.hpp"

namespace cavra::azure {

namespace {

using Verdict = http::Judgement::Verdict;

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

constexpr http::RetryPolicy kEntraPolicy{.max_attempts = 4,
                                         .first_delay = std::chrono::milliseconds(500),
                                         .most_delay = std::chrono::milliseconds(5000)};
// Right after a machine's start its service may not be there yet.
constexpr http::RetryPolicy kMachinePolicy{.max_attempts = 5,
                                           .first_delay = std::chrono::milliseconds(1000),
                                           .most_delay = std::chrono::milliseconds(15000)};

// What Entra refuses it names by a word, which is safe to show; its description may name people.
http::Judgement judge_entra(const http::Answer& answer) {
  http::Judgement judged = cloud::judge_by_status(answer);
  if (answer.response && judged.verdict == Verdict::failed) {
    const std::string word = parse_token_error(answer.response->body);
    if (!word.empty()) judged.error.message += " (" + word + ")";
    judged.error.code = ErrorCode::forbidden;
  }
  return judged;
}

// 404 and 410 pass:
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
http::Judgement judge_machine(const http::Answer& answer) {
  http::Judgement judged = cloud::judge_by_status(answer);
  if (!answer.response) {
    judged.error.message += "; is this a machine of Azure with an identity?";
    // Where nobody listens, nobody will.
    if (!answer.failure->may_be_sent) judged.verdict = Verdict::failed;
  } else if (answer.response->status == 404 || answer.response->status == 410) {
    judged.verdict = Verdict::later;
  }
  return judged;
}

class Fetch {
 public:
  Fetch(const AzureIdentity& identity, const cloud::UnixClock& clock, const sdk::Call& call,
        std::string_view audience)
      : identity_(identity), clock_(clock), call_(call), audience_(audience) {}

  Result<Token> operator()(const SharedKey&) const { return no_bearer(); }
  Result<Token> operator()(const Sas&) const { return no_bearer(); }

  Result<Token> operator()(const FederatedIdentity& of) const {
    // It is rotated: read anew each time.
    auto read = cloud::read_secret_file(of.token_file, cloud::kMaxCredentialBytes);
    if (!read) return cloud::when(identity_.place, std::move(read).error());
    const std::string_view token = *read ? trimmed(as_text((*read)->expose())) : std::string_view();
    if (token.empty())
      return Error{ErrorCode::usage,
                   identity_.place + ": the token's file " + quoted(of.token_file) +
                       (*read ? " is empty" : " is not there"),
                   false};
    cloud::Form form = form_of(of.client_id);
    form.add("client_assertion_type", kAssertionType);
    form.add("client_assertion", token);
    return ask_entra(of.authority, of.tenant_id, std::move(form));
  }

  Result<Token> operator()(const ClientSecret& of) const {
    cloud::Form form = form_of(of.client_id);
    form.add("client_secret", as_text(of.secret.expose()));
    return ask_entra(of.authority, of.tenant_id, std::move(form));
  }

  Result<Token> operator()(const ManagedIdentity& of) const {
    return ask_machine(of.endpoint + "/metadata/identity/oauth2/token?api-version=2018-02-01",
                       of.client_id, {"Metadata", "true"});
  }

  Result<Token> operator()(const AppServiceIdentity& of) const {
    return ask_machine(of.endpoint + "?api-version=2019-08-01", of.client_id,
                       {"X-IDENTITY-HEADER", std::string(as_text(of.header.expose()))});
  }

 private:
  static Error no_bearer() { return {ErrorCode::internal, "this identity has no token"}; }
  static std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
  }
  [[nodiscard]] cloud::Form form_of(const std::string& client_id) const {
    cloud::Form form;
    form.add("grant_type", "client_credentials");
    form.add("client_id", client_id);
    form.add("scope", audience_ + ".default");
    return form;
  }

  [[nodiscard]] Result<Token> ask_entra(const std::string& authority, const std::string& tenant,
                                        cloud::Form form) const {
    const std::string url = authority + "/" + http::encode_component(tenant) + "/oauth2/v2.0/token";
    const auto parsed = cloud::parse_http_url(url);
    if (!parsed) return Error{ErrorCode::usage, quoted(url, 200) + " is no URL"};
    return ask(url,
               {.ca_file = {},
                .takes_proxy = !parsed->is_loopback(),
                .allows_plain = !parsed->is_tls,
                .connections = 1},
               kEntraPolicy, judge_entra, [&]() -> Result<http::Request> {
                 http::Request request;
                 request.method = "POST";
                 request.url = url;
                 request.headers = {{"Content-Type", std::string(kFormType)}};
                 request.body = &form;
                 return request;
               });
  }

  // The service is on the machine's own network, or is not there at all.
  [[nodiscard]] Result<Token> ask_machine(std::string url, const std::string& client_id,
                                          const http::Header& header) const {
    url += "&resource=" + http::encode_component(audience_);
    if (!client_id.empty()) url += "&client_id=" + http::encode_component(client_id);
    return ask(url,
               {.ca_file = {},
                .takes_proxy = false,
                .allows_plain = true,
                .connections = 1,
                .connect_timeout = std::chrono::milliseconds(1000),
                .idle_timeout = std::chrono::seconds(10)},
               kMachinePolicy, judge_machine, [&]() -> Result<http::Request> {
                 http::Request request;
                 request.method = "GET";
                 request.url = url;
                 request.headers = {header};
                 return request;
               });
  }

  [[nodiscard]] Result<Token> ask(const std::string& url, const http::SessionOptions& options,
                                  const http::RetryPolicy& policy,
                                  http::Judgement (*judge)(const http::Answer&),
                                  const std::function<Result<http::Request>()>& make) const {
    CAVRA_TRY(const std::unique_ptr<http::Session> session, http::Session::open(options));
    const std::string asked = "get a token for " + identity_.describe() + " at " +
                              quoted(url.substr(0, url.find('?')), 200);
    CAVRA_TRY(const cloud::WipedText json,
              cloud::ask(*session, call_, policy, {.asked = asked, .make = make, .judge = judge}));
    auto token = parse_token(json, clock_());
    if (!token) return cloud::when(asked, std::move(token).error());
    return token;
  }

  const AzureIdentity& identity_;
  const cloud::UnixClock& clock_;
  const sdk::Call& call_;
  const std::string audience_;
};

}  // namespace

Result<Token> fetch_token(const AzureIdentity& identity, const cloud::UnixClock& clock,
                          const sdk::Call& call, std::string_view audience) {
  return std::visit(Fetch(identity, clock, call, audience), identity.way);
}

}  // namespace cavra::azure
