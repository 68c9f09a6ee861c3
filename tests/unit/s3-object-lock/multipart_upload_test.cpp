#include "s3-object-lock/multipart_upload.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "http/http_date.hpp"
#include "s3-object-lock/put_case.hpp"
#include "temporary_folder.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;
using cavra::testing::TemporaryFolder;

std::string large_text(std::size_t parts) {
  std::string text(parts * kPart - 7, 'x');
  for (std::size_t at = 0; at < text.size(); at += kPart)
    text[at] = static_cast<char>('a' + static_cast<char>(at / kPart));
  return text;
}

TEST_CASE("a large object goes in parts") {
  SmallS3 s3;
  Bucket bucket(s3.url());
  Bytes bytes(large_text(3));
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->is_created);
  REQUIRE(s3.versions.size() == 1);
  CHECK(s3.versions[0].body == bytes.text());
  CHECK(put->version == s3.versions[0].id);
  CHECK(bytes.verdicts == 1);
  const auto created = s3.asked("POST", "uploads");
  REQUIRE(created.size() == 1);
  CHECK(created[0].headers.get("x-amz-checksum-algorithm") == "SHA256");
  CHECK(created[0].headers.get("x-amz-object-lock-mode") == "COMPLIANCE");
  CHECK(created[0].headers.get("x-amz-object-lock-retain-until-date") == "2030-01-01T00:00:00Z");
  for (const Asked& part : s3.asked("PUT", "partNumber=")) {
    const auto digest = http::sha256(as_bytes(part.body));
    CHECK(part.headers.get("x-amz-content-sha256") == to_hex(digest));
    CHECK(part.headers.get("x-amz-checksum-sha256") == to_base64(digest));
  }
  const auto completed = s3.asked("POST", "uploadId=");
  REQUIRE(completed.size() == 1);
  CHECK(completed[0].headers.get("if-none-match") == "*");
  CHECK(completed[0].body.find("<ChecksumSHA256>" +
                               to_base64(http::sha256(as_bytes(bytes.text().substr(0, kPart)))) +
                               "</ChecksumSHA256>") != std::string::npos);
  // The lock was kept as it was asked for.
  CHECK(s3.asked("PUT", "retention").empty());
}

TEST_CASE("a lock that a server ignores with parts is set by version") {
  SmallS3 s3;
  s3.before = [&](const Asked& asked) -> std::optional<Answered> {
    if (parameter(asked, "retention") != "-")
      return asked.method == "GET" ? s3_error(404, "NoSuchObjectLockConfiguration") : Answered{};
    if (parameter(asked, "legal-hold") != "-")
      return asked.method == "GET" ? s3_error(404, "NoSuchObjectLockConfiguration") : Answered{};
    if (asked.method == "HEAD") s3.versions[0].headers = {};
    return std::nullopt;
  };
  Bucket bucket(s3.url());
  bucket.lock.legal_hold = true;
  Bytes bytes(large_text(1) + "more than one part");
  must_put(bucket, bytes);
  for (const std::string_view name : {"retention", "legal-hold"}) {
    CAPTURE(name);
    const auto set = s3.asked("PUT", name);
    REQUIRE(set.size() == 1);
    CHECK(parameter(set[0], "versionId") == s3.versions[0].id);
    CHECK(set[0].headers.get("x-amz-sdk-checksum-algorithm") == "SHA256");
    const auto digest = http::sha256(as_bytes(set[0].body));
    CHECK(set[0].headers.get("x-amz-checksum-sha256") == to_base64(digest));
    CHECK(set[0].headers.get("x-amz-content-sha256") == to_hex(digest));
  }
}

TEST_CASE("a Complete of 200 with an error is repeated") {
  SmallS3 s3;
  int completes = 0;
  s3.before = [&](const Asked& asked) -> std::optional<Answered> {
    if (asked.method != "POST" || parameter(asked, "uploadId") == "-" || ++completes > 1)
      return std::nullopt;
    return s3_error(200, "InternalError");
  };
  Bucket bucket(s3.url());
  Bytes bytes(large_text(2));
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
  CHECK(put->is_created);
  CHECK(completes == 2);
  CHECK(s3.live_versions() == 1);
}

TEST_CASE("a Complete whose answer is lost, or names no version, is looked for") {
  for (const bool is_lost : {true, false}) {
    CAPTURE(is_lost);
    SmallS3 s3;
    s3.after = [&](const Asked& asked, Answered& answered) {
      if (asked.method != "POST" || parameter(asked, "uploadId") == "-") return;
      if (is_lost) answered.is_dropped = true;
      answered.headers = {};
    };
    Bucket bucket(s3.url());
    Bytes bytes(large_text(2));
    const auto put = bucket.put(bytes);
    REQUIRE(put);
    CHECK(put->version == s3.versions[0].id);
    CHECK(put->is_created);
    CHECK(s3.live_versions() == 1);
    CHECK(s3.asked("POST", "uploadId=").size() == 1);
  }
}

TEST_CASE("without the host's verdict an upload is aborted") {
  SmallS3 s3;
  const TemporaryFolder folder;
  Bucket bucket(s3.url(), folder.path().string());
  Bytes bytes(large_text(2));
  bytes.verdict = CAVRA_E_CORRUPT;
  const auto put = bucket.put(bytes);
  REQUIRE_FALSE(put);
  CHECK(put.error().code == ErrorCode::corrupt);
  CHECK(s3.versions.empty());
  CHECK(s3.uploads.empty());
  CHECK(s3.asked("DELETE", "uploadId=").size() == 1);
}

// The second part is refused for good, as when a run is killed there.
void begin_and_fail(SmallS3& s3, const TemporaryFolder& folder, Bytes& bytes) {
  s3.before = [](const Asked& asked) -> std::optional<Answered> {
    if (parameter(asked, "partNumber") != "2") return std::nullopt;
    return s3_error(403, "AccessDenied");
  };
  Bucket bucket(s3.url(), folder.path().string());
  const auto held = bucket.state.connections.take(1);  // so that parts go one after the other
  REQUIRE_FALSE(bucket.put(bytes));
  s3.before = {};
  REQUIRE(s3.uploads.size() == 1);
  REQUIRE(s3.uploads.begin()->second.parts.contains(1));
}

std::size_t times_sent(const SmallS3& s3, int number) {
  return s3.asked("PUT", "partNumber=" + std::to_string(number) + "&").size();
}

TEST_CASE("parts of a dead run are taken up where their digests agree") {
  SmallS3 s3;
  const TemporaryFolder folder;
  Bytes bytes(large_text(3));
  begin_and_fail(s3, folder, bytes);
  SUBCASE("they agree") {
    Bucket bucket(s3.url(), folder.path().string());
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 1);
    CHECK(s3.asked("POST", "uploads").size() == 1);
  }
  SUBCASE("they do not") {
    s3.uploads.begin()->second.parts[1][0] ^= 1;
    Bucket bucket(s3.url(), folder.path().string());
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 2);
    CHECK(s3.asked("POST", "uploads").size() == 1);
  }
  SUBCASE("another lock begins anew") {
    Bucket bucket(s3.url(), folder.path().string());
    bucket.lock.retain_until_unix_s = k2030 + 1;
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 2);
    CHECK(s3.asked("POST", "uploads").size() == 2);
  }
  SUBCASE("a part too many begins anew, and takes nothing") {
    StoredUpload& upload = s3.uploads.begin()->second;
    upload.parts[4] = "foreign";
    upload.etags[4] = "\"foreign\"";
    Bucket bucket(s3.url(), folder.path().string());
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 2);
    CHECK(s3.asked("POST", "uploads").size() == 2);
  }
  SUBCASE("an upload that is gone begins anew") {
    s3.uploads.clear();
    Bucket bucket(s3.url(), folder.path().string());
    must_put(bucket, bytes);
    CHECK(s3.asked("POST", "uploads").size() == 2);
  }
  CHECK(s3.versions.at(0).body == bytes.text());
}

}  // namespace
}  // namespace cavra::s3
