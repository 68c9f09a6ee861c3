#include "s3-object-lock/aws_credentials.hpp"

#include <doctest/doctest.h>

#include <array>

#include "s3-object-lock/aws_test_data.hpp"

namespace cavra::s3 {
namespace {

using testing::reveal;

TEST_CASE("credentials are made of texts") {
  const auto whole = make_credentials({"AKID", "se/cr+et", "token", "2030-01-01T00:00:00Z"});
  REQUIRE(whole);
  CHECK(whole->access_key_id == "AKID");
  CHECK(reveal(whole->secret_access_key) == "se/cr+et");
  CHECK(reveal(whole->session_token) == "token");
  CHECK(whole->expires_unix_s == 1893456000);
  const SigningCredentials signing = signing_credentials(*whole);
  CHECK(signing.access_key_id == "AKID");
  CHECK(reveal(signing.secret_access_key) == "se/cr+et");
  CHECK(signing.session_token == "token");

  const auto lasting = make_credentials({"AKID", "secret", "", ""});
  REQUIRE(lasting);
  CHECK(lasting->session_token.empty());
  CHECK_FALSE(lasting->expires_unix_s.has_value());
}

TEST_CASE("texts that are no credentials are told without a secret") {
  struct Row {
    CredentialTexts texts;
    std::string_view problem;
  };
  const std::array rows{
      Row{{"", "HIDDEN", "", ""}, "AccessKeyId is missing"},
      Row{{"HIDDEN", "", "", ""}, "SecretAccessKey is missing"},
      Row{{"HID\nDEN", "HIDDEN", "", ""}, "ASCII"},
      Row{{"HIDDEN", "HIDDEN", "HIDDEN\r\nX: y", ""}, "ASCII"},
      Row{{"HIDDEN", "HIDDEN", "", "HIDDEN"}, "Expiration"},
      Row{{"HIDDEN", "HIDDEN", "", "2030-01-01"}, "Expiration"},
  };
  for (const auto& [texts, problem] : rows) {
    const auto made = make_credentials(texts);
    REQUIRE_FALSE(made);
    CAPTURE(made.error().message);
    CHECK(made.error().code == ErrorCode::io);
    CHECK(made.error().message.find(problem) != std::string::npos);
    CHECK(made.error().message.find("HID") == std::string::npos);
  }
}

}  // namespace
}  // namespace cavra::s3
