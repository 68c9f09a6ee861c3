#include "azure-immutable/token_document.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <time.h>

#include <array>

#include "cavra/support/encoding.hpp"

namespace cavra::azure {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

TEST_CASE("what is no token is an error, and not shown") {
  for (const char* json :
       {"", "[]", "{}", R"({"access_token": "geheim"})", R"({"access_token": "", "expires_in": 1})",
        R"({"access_token": "geheim\n", "expires_in": 1})",
        R"({"access_token": 1, "expires_in": 1})",
        R"({"access_token": "geheim", "expires_in": "soon"})",
        R"({"access_token": "geheim", "expires_in": 1, "token_type": "pop"})",
        R"({"access_token": "geheim", "expires_in": 1, "token_type": 1})", "\xff"}) {
    CAPTURE(json);
    const auto token = parse_token(json, kNow);
    REQUIRE_FALSE(token);
    CHECK(token.error().code == ErrorCode::io);
    CHECK(token.error().message.find("geheim") == std::string::npos);
  }
}

TEST_CASE("a token's end is a moment, or so many seconds from now, and no longer than a week") {
  struct Row {
    const char* end;
    std::int64_t unix_s;
  };
  constexpr std::int64_t kWeek = 604'800;
  for (const auto& [end, unix_s] : {
           Row{R"("expires_in": 3599)", kNow + 3599},
           Row{R"("expires_in": "3599")", kNow + 3599},
           Row{R"("expires_on": "1800000100", "expires_in": "9")", kNow + 100},
           Row{R"("expires_in": -5)", kNow},
           Row{R"("expires_in": 9223372036854775807)", kNow + kWeek},
           Row{R"("expires_on": 9223372036854775807)", kNow + kWeek},
       }) {
    CAPTURE(end);
    const auto token = parse_token(
        std::string(R"({"token_type": "bearer", "access_token": "a", )") + end + "}", kNow);
    REQUIRE(token);
    CHECK(token->expires_unix_s == unix_s);
  }
}

TEST_CASE("the CLI's token ends as it says, in local time where that is all") {
  const char* const before = ::getenv("TZ");
  const std::string zone = before == nullptr ? "" : before;
  ::setenv("TZ", "CET-1", 1);
  ::tzset();
  const auto with_seconds = parse_az_token(
      R"({"accessToken": "a", "expiresOn": "2027-01-15 09:30:00.000000", "expires_on": 1800000100})",
      kNow);
  const auto local = parse_az_token(
      R"({"accessToken": "a", "expiresOn": "2027-01-15 09:30:00.000000", "tokenType": "Bearer"})",
      kNow);
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", zone.c_str(), 1);
  ::tzset();
  REQUIRE(with_seconds);
  CHECK(with_seconds->expires_unix_s == kNow + 100);
  REQUIRE(local);
  CHECK(local->expires_unix_s == kNow + 1800);  // 2027-01-15T08:00:00Z is kNow
  for (const char* json :
       {"[]", R"({"accessToken": "geheim"})", R"({"access_token": "geheim", "expires_on": 1})",
        R"({"accessToken": "geheim", "expiresOn": "tomorrow"})",
        R"({"accessToken": "geheim", "expiresOn": "2027-13-45 99:99:99"})"}) {
    CAPTURE(json);
    const auto none = parse_az_token(json, kNow);
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("geheim") == std::string::npos);
  }
}

TEST_CASE("of a refusal its word and Entra's numbers are told, and no other text") {
  struct Row {
    std::string_view json, error, codes;
  };
  static constexpr std::array rows{
      Row{R"({"error": "invalid_client", "error_description": "geheim", "error_codes": [7000215]})",
          "invalid_client", "AADSTS7000215"},
      Row{R"({"error": "a_b", "error_codes": [1, "geheim", 2, 3, 4, 5]})", "a_b",
          "AADSTS1 AADSTS2 AADSTS3 AADSTS4"},
      Row{R"({"error": "geheim ist 1", "error_codes": 1})", "", ""},
      Row{R"({"error": {"code": "geheim"}})", "", ""},
      Row{"geheim", "", ""},
  };
  for (const auto& [json, error, codes] : rows) {
    CAPTURE(json);
    const TokenRefusal refusal = parse_token_refusal(json);
    CHECK(refusal.error == error);
    CHECK(refusal.codes == codes);
  }
}

}  // namespace
}  // namespace cavra::azure
