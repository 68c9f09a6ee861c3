#include "authorizer.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "fetch_token.hpp"
#include "http/http_date.hpp"
#include "shared_key.hpp"

namespace cavra::azure {

namespace {

constexpr cloud::RenewalMargins kMargins{.soon_s = 600, .now_s = 300};

}  // namespace

Authorizer::Authorizer(std::shared_ptr<const AzureIdentity> identity, std::string account,
                       cloud::UnixClock clock, std::string_view audience)
    : identity_(std::move(identity)),
      account_(std::move(account)),
      clock_(std::move(clock)),
      audience_(audience),
      tokens_(
          [this](const sdk::Call& call) {
            return fetch_token(*identity_, clock_, call, audience_);
          },
          clock_, kMargins) {}

Result<Authorizer::Authorized> Authorizer::authorize(const sdk::Call& call,
                                                     const UnauthorizedRequest& request) {
  Authorized authorized;
  const std::string date = http::format_http_date(clock_());
  authorized.headers.add("x-ms-date", date);
  if (const auto* const sas = std::get_if<Sas>(&identity_->way)) {
    authorized.query = as_text(sas->token.expose());
    return authorized;
  }
  if (const auto* const shared = std::get_if<SharedKey>(&identity_->way)) {
    UnauthorizedRequest dated = request;
    dated.headers.set("x-ms-date", date);
    authorized.headers.add("authorization", shared_key_authorization(dated, account_, shared->key));
    return authorized;
  }
  CAVRA_TRY(authorized.token, tokens_.get(call));
  authorized.headers.add("authorization",
                         "Bearer " + std::string(as_text(authorized.token->value.expose())));
  return authorized;
}

void Authorizer::forget(const Authorized& refused) {
  if (refused.token != nullptr) tokens_.forget(refused.token);
}

}  // namespace cavra::azure
