#include "s3-object-lock/s3_settings.hpp"

#include <doctest/doctest.h>

using namespace cavra;
using namespace cavra::s3;

namespace {

std::string message_of(const std::string& json) {
  const auto settings = parse_settings(json, "/base");
  REQUIRE_FALSE(settings);
  CHECK(settings.error().code == ErrorCode::usage);
  return settings.error().message;
}

}  // namespace

TEST_CASE("only the bucket is required; the rest has defaults") {
  const auto settings = parse_settings(R"({"bucket": "b"})", "/base");
  REQUIRE(settings);
  CHECK(settings->mode == sdk::LockMode::compliance);
  CHECK(settings->lock_from == LockFrom::request);
  CHECK(settings->part_bytes == 8U << 20);
  CHECK(settings->sessions == 8);
  CHECK_FALSE(settings->profile);
  CHECK(settings->ca_file.empty());
}

TEST_CASE("the prefix goes with or without a slash, the file from the configuration's folder") {
  const auto settings = parse_settings(
      R"({"bucket": "b", "prefix": "a/b/", "ca_file": "ca.pem", "mode": "GOVERNANCE",
          "lock": "inherit", "checksum": "md5"})",
      "/base");
  REQUIRE(settings);
  CHECK(settings->prefix == "a/b");
  CHECK(settings->ca_file == "/base/ca.pem");
  CHECK(settings->mode == sdk::LockMode::governance);
  CHECK(settings->lock_from == LockFrom::bucket);
  CHECK(settings->sends_md5);
}

TEST_CASE("settings that do not fit together are told by their member") {
  CHECK(message_of("{}") == "/bucket: it is missing");
  CHECK(message_of("[]") == "the settings are no JSON object");
  CHECK(message_of(R"({"bucket": "a..b"})").starts_with("/bucket: "));
  for (const char* prefix : {"a//b", "..", "a/./b", "/a"})
    CHECK(message_of(R"({"bucket": "b", "prefix": ")" + std::string(prefix) + "\"}")
              .starts_with("/prefix: "));
  CHECK(message_of(R"({"bucket": "b", "kms_key_id": "k"})").starts_with("/kms_key_id: "));
  CHECK(message_of(R"({"bucket": "b", "single_put_bytes": 1000})")
            .starts_with("/single_put_bytes: "));
}
