#include "fetch_token.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "az_token.hpp"
#include "cavra/support/encoding.hpp"
#include "client_assertion.hpp"
#include "client_certificate.hpp"
#include "cloud/form_body.hpp"
#include "cloud/http_url.hpp"
#include "cloud/secret_file.hpp"
#include "cloud/wiped_answer.hpp"
#include "token_answer.hpp"
#include "token_document.hpp"

namespace cavra::azure {

namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

constexpr http::RetryPolicy kEntraPolicy{.max_attempts = 4,
                                         .first_delay = std::chrono::milliseconds(500),
                                         .most_delay = std::chrono::milliseconds(5000)};
// Right after a machine's start its service may not be there yet.
constexpr http::RetryPolicy kMachinePolicy{.max_attempts = 6,
                                           .first_delay = std::chrono::milliseconds(1000),
                                           .most_delay = std::chrono::milliseconds(15000)};

std::string token_url(const EntraApplication& of) {
  return of.authority + "/" + http::encode_component(of.tenant_id) + "/oauth2/v2.0/token";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

// Of base64url and dots (RFC 7515). What else a file has is sent to nobody.
bool is_web_token(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
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
    CAVRA_TRY(const Secret file, read(of.token_file));
    const std::string_view token = trimmed(as_text(file.expose()));
    if (token.empty() || !is_web_token(token))
      return wrong("the file " + quoted(of.token_file) + " has no token");
    return show(of.application, token);
  }

  Result<Token> operator()(const ClientSecret& of) const {
    cloud::Form form = form_of(of.application.client_id);
    form.add("client_secret", as_text(of.secret.expose()));
    return ask_entra(of.application, std::move(form));
  }

  Result<Token> operator()(const CertificateIdentity& of) const {
    // It is renewed: read anew each time, and not kept.
    CAVRA_TRY(const Secret file, read(of.file));
    const auto certificate = ClientCertificate::parse(as_text(file.expose()));
    if (!certificate)
      return cloud::when(identity_.place + ": the file " + quoted(of.file), certificate.error());
    const Secret assertion = make_client_assertion(*certificate, of.application.client_id,
                                                   token_url(of.application), clock_());
    return show(of.application, as_text(assertion.expose()));
  }

  Result<Token> operator()(const AzLogin& of) const {
    auto token = fetch_az_token(of, audience_, clock_(), call_);
    if (!token)
      return cloud::when("get a token for " + identity_.describe(), std::move(token).error());
    return token;
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
  [[nodiscard]] Error wrong(const std::string& what) const {
    return {ErrorCode::usage, identity_.place + ": " + what};
  }
  [[nodiscard]] Result<Secret> read(const std::string& file) const {
    auto read = cloud::read_secret_file(file, cloud::kMaxCredentialBytes);
    if (!read) return cloud::when(identity_.place, std::move(read).error());
    if (!*read) return wrong("the file " + quoted(file) + " is not there");
    return **std::move(read);
  }
  [[nodiscard]] cloud::Form form_of(const std::string& client_id) const {
    cloud::Form form;
    form.add("grant_type", "client_credentials");
    form.add("client_id", client_id);
    form.add("scope", audience_ + ".default");
    return form;
  }

  // `assertion`: a token that says who the application is, in place of a secret.
  [[nodiscard]] Result<Token> show(const EntraApplication& of, std::string_view assertion) const {
    cloud::Form form = form_of(of.client_id);
    form.add("client_assertion_type", kAssertionType);
    form.add("client_assertion", assertion);
    return ask_entra(of, std::move(form));
  }

  [[nodiscard]] Result<Token> ask_entra(const EntraApplication& of, cloud::Form form) const {
    const std::string url = token_url(of);
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
    // Before the answer, so that a token never seems to last longer than it does.
    const std::int64_t now_unix_s = clock_();
    CAVRA_TRY(const cloud::WipedText json,
              cloud::ask(*session, call_, policy, {.asked = asked, .make = make, .judge = judge}));
    auto token = parse_token(json, now_unix_s);
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
