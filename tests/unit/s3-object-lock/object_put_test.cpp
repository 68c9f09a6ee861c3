#include "s3-object-lock/object_put.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "http/digest.hpp"
#include "http/http_date.hpp"
#include "s3-object-lock/put_case.hpp"
#include "s3-object-lock/raise_lock.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;

TEST_CASE("a small object is one PUT with all that AWS demands") {
  SmallS3 s3;
  Bucket bucket(s3.url());
  bucket.settings.expected_bucket_owner = "012345678901";
  bucket.lock.legal_hold = true;
  bucket.settings.sends_md5 = true;
  Bytes bytes("hello");
  const auto put = bucket.put(bytes, "a/ä b+c");
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->is_created);
  CHECK_FALSE(put->is_digest_checked);
  CHECK(put->version == s3.versions[0].id);
  CHECK(bytes.verdicts == 1);
  const auto puts = s3.asked("PUT");
  REQUIRE(puts.size() == 1);
  const http::Headers& headers = puts[0].headers;
  const auto digest = http::sha256(as_bytes("hello"));
  CHECK(puts[0].target == "/abc/a/%C3%A4%20b%2Bc");
  CHECK(puts[0].body == "hello");
  CHECK(headers.get("x-amz-content-sha256") == to_hex(digest));
  CHECK(headers.get("x-amz-checksum-sha256") == to_base64(digest));
  CHECK(headers.get("content-md5") == "XUFAKrxLKna5cZ2REBfFkg==");
  CHECK(headers.get("if-none-match") == "*");
  CHECK(headers.get("x-amz-object-lock-mode") == "COMPLIANCE");
  CHECK(headers.get("x-amz-object-lock-retain-until-date") == "2030-01-01T00:00:00Z");
  CHECK(headers.get("x-amz-object-lock-legal-hold") == "ON");
  CHECK(headers.get("x-amz-meta-cavra-sha256") == to_hex(digest));
  CHECK(headers.get("x-amz-meta-name") == "x");
  CHECK(headers.get("content-type") == "text/plain");
  CHECK(headers.get("authorization").find("/us-east-1/s3/aws4_request") != std::string_view::npos);
  for (const Asked& each : s3.asked("GET"))
    CHECK(each.headers.get("x-amz-expected-bucket-owner") == "012345678901");
  // What is not signed AWS refuses.
  const std::string authorization(headers.get("authorization"));
  for (const http::Header& header : headers.all())
    if (http::lower_case(header.name).starts_with("x-amz-"))
      CHECK_MESSAGE(authorization.find(http::lower_case(header.name)) != std::string::npos,
                    header.name);
}

TEST_CASE("an empty object is put after the host's verdict") {
  SmallS3 s3;
  Bucket bucket(s3.url());
  Bytes bytes("");
  CHECK(bucket.put(bytes));
  CHECK(bytes.verdicts == 1);
  CHECK(s3.live_versions() == 1);
  SmallS3 other;
  Bucket refusing(other.url());
  Bytes wrong("");
  wrong.verdict = CAVRA_E_CORRUPT;
  const auto put = refusing.put(wrong);
  REQUIRE_FALSE(put);
  CHECK(put.error().code == ErrorCode::corrupt);
  CHECK(other.versions.empty());
}

TEST_CASE("what is there already is told, and nothing is put") {
  SmallS3 s3;
  s3.store(version_of("hello"));
  s3.store(version_of("hello"));
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK_FALSE(put->is_created);
  CHECK(put->version == "v1");
  CHECK(s3.asked("PUT").empty());
}

TEST_CASE("412 is looked at") {
  SmallS3 s3;
  Bucket bucket(s3.url());
  bucket.archive_prefix = "a/";
  // It comes after the listing of the archive.
  s3.after = [&](const Asked& asked, Answered&) {
    if (asked.method == "GET" && s3.versions.empty()) s3.store(version_of("hello"));
  };
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK_FALSE(put->is_created);
  CHECK(put->version == "v1");
  CHECK(s3.asked("PUT").size() == 1);
  CHECK(s3.live_versions() == 1);
}

TEST_CASE("other bytes are a conflict") {
  for (const std::string_view other : {"HELLO", "longer than that"}) {
    SmallS3 s3;
    s3.store(version_of(other));
    Bucket bucket(s3.url());
    Bytes bytes("hello");
    const auto put = bucket.put(bytes);
    REQUIRE_FALSE(put);
    CHECK(put.error().code == ErrorCode::conflict);
    CHECK(put.error().message == "\"a/k\": other bytes are there under this key; nothing was put");
    CHECK(s3.asked("PUT").empty());
  }
}

TEST_CASE("own bytes below those of another, and below a delete marker, count") {
  SmallS3 s3;
  s3.store(version_of("hello"));
  s3.store(version_of("other"));
  s3.store({.key = "a/k", .id = {}, .body = {}, .headers = {}, .is_delete_marker = true});
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK_FALSE(put->is_created);
  CHECK(put->version == "v1");
}

TEST_CASE("of own versions the oldest with the lock wanted counts") {
  SmallS3 s3;
  StoredVersion weak = version_of("hello");
  weak.headers.set("x-amz-object-lock-retain-until-date", "2029-01-01T00:00:00Z");
  s3.store(weak);
  s3.store(version_of("hello"));
  s3.store(version_of("hello"));
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->version == "v2");
}

TEST_CASE("behind delete markers alone it is put again") {
  SmallS3 s3;
  s3.store({.key = "a/k", .id = {}, .body = {}, .headers = {}, .is_delete_marker = true});
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->is_created);
  CHECK(s3.live_versions() == 1);
}

TEST_CASE("a put whose answer is lost is looked for, and not sent again") {
  SmallS3 s3;
  s3.honours_if_none_match = false;
  int puts = 0;
  s3.after = [&](const Asked& asked, Answered& answered) {
    if (asked.method == "PUT") answered.is_dropped = ++puts == 1;
  };
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->is_created);
  CHECK(put->version == "v1");
  CHECK(s3.live_versions() == 1);
  CHECK(puts == 1);
}

TEST_CASE("a put that never came is sent again") {
  SmallS3 s3;
  int puts = 0;
  s3.before = [&](const Asked& asked) -> std::optional<Answered> {
    if (asked.method != "PUT" || ++puts > 1) return std::nullopt;
    return Answered{.status = 200, .body = {}, .headers = {}, .is_dropped = true};
  };
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->is_created);
  CHECK(s3.live_versions() == 1);
  CHECK(bytes.verdicts == 1);
}

TEST_CASE("two runs that both wrote name one version") {
  SmallS3 s3;
  s3.honours_if_none_match = false;
  s3.before = [&](const Asked& asked) -> std::optional<Answered> {
    if (asked.method == "PUT") s3.store(version_of("hello"));
    return std::nullopt;
  };
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK_FALSE(put->is_created);
  CHECK(put->version == "v1");
}

TEST_CASE("without the host's verdict no object comes to be") {
  SmallS3 s3;
  Bucket bucket(s3.url());
  Bytes bytes("hello");
  bytes.verdict = CAVRA_E_CORRUPT;
  const auto put = bucket.put(bytes);
  REQUIRE_FALSE(put);
  CHECK(put.error().code == ErrorCode::corrupt);
  CHECK(s3.versions.empty());
  CHECK(bytes.verdicts == 1);
}

TEST_CASE("what a service corrects is asked again once") {
  struct Row {
    Answered answer;
    bool helps;
  };
  const auto with = [](Answered answered, std::string name, std::string value) {
    answered.headers.add(std::move(name), std::move(value));
    return answered;
  };
  const std::string ahead = http::format_http_date(now_utc().unix_s + 7200);
  const std::array<Answered, 4> rows{
      with(s3_error(403, "RequestTimeTooSkewed"), "Date", ahead), s3_error(400, "ExpiredToken"),
      with(s3_error(301, "PermanentRedirect"), "x-amz-bucket-region", "eu-west-1"),
      s3_error(503, "SlowDown")};
  for (const Answered& wrong : rows) {
    CAPTURE(wrong.body);
    for (const int times : {1, 2}) {
      SmallS3 s3;
      int puts = 0;
      s3.before = [&](const Asked& asked) -> std::optional<Answered> {
        if (asked.method != "PUT" || ++puts > times) return std::nullopt;
        return wrong;
      };
      Bucket bucket(s3.url());
      Bytes bytes("hello");
      const auto put = bucket.put(bytes);
      const bool is_passing = wrong.status == 503;
      CHECK(put.has_value() == (times == 1 || is_passing));
      CHECK(s3.asked("PUT").size() == (is_passing ? static_cast<std::size_t>(times) + 1 : 2));
      const Asked again = s3.asked("PUT").back();
      if (wrong.status == 301)
        CHECK(again.headers.get("authorization").find("/eu-west-1/s3/") != std::string_view::npos);
      if (wrong.status == 403) {
        CHECK(bucket.service->now_unix_s() > now_utc().unix_s + 7000);
        CHECK(again.headers.get("x-amz-date") > amz_date(now_utc().unix_s + 7000));
      }
    }
  }
}

TEST_CASE("a date that a server may wrap is not asked for") {
  SmallS3 s3;
  Bucket bucket(s3.url());
  bucket.lock.retain_until_unix_s = std::int64_t{1} << 32;
  Bytes bytes("hello");
  const auto put = bucket.put(bytes);
  REQUIRE_FALSE(put);
  CHECK(put.error().code == ErrorCode::refused);
  CHECK(s3.asked("PUT").empty());
}

}  // namespace
}  // namespace cavra::s3
