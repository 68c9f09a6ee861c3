#include "azure-immutable/client_assertion.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "azure-immutable/certificate_maker.hpp"
#include "cavra/json.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::azure {
namespace {

using cavra::testing::integer_of;
using cavra::testing::text_of;
using testing::CertificateMaker;

constexpr std::int64_t kNow = 1'800'000'000;
constexpr const char* kAudience = "https://login.example/tenant/oauth2/v2.0/token";

std::string decoded(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const auto bytes = from_base64(text);
  REQUIRE(bytes);
  return std::string(as_text(*bytes));
}

JsonValue json_of(const std::string& part) {
  auto json = parse_json(decoded(part));
  REQUIRE(json);
  return *std::move(json);
}

TEST_CASE("an assertion says who, to whom and for how long, and openssl verifies it") {
  const CertificateMaker maker;
  if (!maker.is_there()) return;
  maker.make("app");
  const auto certificate = ClientCertificate::parse(maker.read("app.key") + maker.read("app.crt"));
  REQUIRE(certificate);
  const Secret secret = make_client_assertion(*certificate, "client", kAudience, kNow);
  const std::string assertion(as_text(secret.expose()));
  const std::size_t first = assertion.find('.');
  const std::size_t last = assertion.rfind('.');
  CHECK(std::ranges::count(assertion, '.') == 2);
  CHECK(assertion.find_first_of("+/=\n") == std::string::npos);

  const JsonValue header = json_of(assertion.substr(0, first));
  CHECK(text_of(header, "alg") == "PS256");
  CHECK(text_of(header, "typ") == "JWT");
  CHECK(decoded(text_of(header, "x5t#S256")) == as_text(certificate->thumbprint()));
  const JsonValue claims = json_of(assertion.substr(first + 1, last - first - 1));
  CHECK(text_of(claims, "aud") == kAudience);
  CHECK(text_of(claims, "iss") == "client");
  CHECK(text_of(claims, "sub") == "client");
  CHECK(integer_of(claims, "nbf") == kNow);
  CHECK(integer_of(claims, "iat") == kNow);
  CHECK(integer_of(claims, "exp") == kNow + 600);
  const std::string id = text_of(claims, "jti");
  CHECK(id.size() == 36);
  CHECK(id[8] == '-');
  CHECK(id[14] == '4');

  maker.folder().write("signed", assertion.substr(0, last));
  maker.folder().write("signature", decoded(assertion.substr(last + 1)));
  CHECK(maker.verifies("signed"));
  const Secret next = make_client_assertion(*certificate, "client", kAudience, kNow);
  const std::string claims_of_next(as_text(next.expose()));
  CHECK(claims_of_next.substr(0, claims_of_next.rfind('.')) != assertion.substr(0, last));
}

}  // namespace
}  // namespace cavra::azure
