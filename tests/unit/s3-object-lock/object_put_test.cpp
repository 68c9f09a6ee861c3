#include "s3-object-lock/object_put.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "cavra/abi_struct.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "cloud/host_call.hpp"
#include "http/digest.hpp"
#include "http/http_date.hpp"
#include "s3-object-lock/put_rivals.hpp"
#include "s3-object-lock/raise_lock.hpp"
#include "s3-object-lock/small_s3.hpp"
#include "temporary_folder.hpp"

namespace cavra::s3 {
namespace {

using namespace cavra::cloud::testing;
using namespace cavra::s3::testing;
using cavra::testing::TemporaryFolder;

constexpr std::int64_t k2030 = 1893456000;  // 2030-01-01T00:00:00Z
constexpr std::size_t kPart = std::size_t{1} << 20;

AwsSettings static_keys() {
  AwsSettings aws;
  aws.credentials.origin = AwsStaticKeys{.place = AwsKeyPlace::environment,
                                         .access_key_id = "AKIA",
                                         .secret_access_key = Secret(as_bytes("secret")),
                                         .session_token = {}};
  return aws;
}

// The bytes of a put, with the host's verdict on them.
class Bytes {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}

  cavra_status verdict = CAVRA_OK;
  int verdicts = 0;

  [[nodiscard]] const std::string& text() const { return bytes_; }
  [[nodiscard]] sdk::Source source() {
    auto c = abi::make<cavra_source>();
    c.length = bytes_.size();
    c.ctx = this;
    c.read_at = [](void* ctx, std::uint64_t offset, void* buffer, std::size_t length,
                   std::size_t* got) -> cavra_status {
      const std::string& bytes = static_cast<Bytes*>(ctx)->bytes_;
      *got = bytes.copy(static_cast<char*>(buffer), length, offset);
      return CAVRA_OK;
    };
    c.finish = [](void* ctx) -> cavra_status {
      auto* const self = static_cast<Bytes*>(ctx);
      ++self->verdicts;
      return self->verdict;
    };
    return sdk::Source(&c);
  }

 private:
  std::string bytes_;
};

// A bucket at a small S3, as an opening has it.
struct Bucket {
  explicit Bucket(const std::string& url, std::filesystem::path notes_folder = {})
      : notes(std::move(notes_folder)) {
    settings.bucket = "abc";
    settings.endpoint = url;
    settings.part_bytes = kPart;
    settings.single_put_bytes = 1000;
  }

  Result<sdk::PutResult> put(Bytes& bytes, std::string_view key = "a/k") {
    auto address = S3Address::make(settings, aws);
    REQUIRE(address);
    http::SessionOptions options;
    options.allows_plain = true;
    options.takes_proxy = false;
    service = std::make_unique<S3Service>(
        S3Access{.address = *std::move(address),
                 .expected_bucket_owner = settings.expected_bucket_owner,
                 .retry = {.max_attempts = 4,
                           .first_delay = std::chrono::milliseconds(1),
                           .most_delay = std::chrono::milliseconds(2)},
                 .session = options,
                 .log = {}},
        aws);
    session = service->sessions().take().value();
    const sdk::Call call = host.call();
    const Asking ask{*service, *session, call};
    const sdk::PutRequest request{.key = key,
                                  .length = bytes.text().size(),
                                  .sha256 = http::sha256(as_bytes(bytes.text())),
                                  .media_type = "text/plain",
                                  .metadata_json = R"({"name": "x"})",
                                  .lock = lock,
                                  .archive_prefix = archive_prefix};
    const PutTools tools{settings, known_keys, notes, connections};
    sdk::Source source = bytes.source();
    auto put = ObjectPut(ask, tools, request, source).run();
    if (!put || !put->is_created || service->address().is_aws()) return put;
    const MadeVersion made{&request, &*put};
    CAVRA_CHECK(name_the_oldest(ask, {&made, 1}));
    return put;
  }

  const AwsSettings aws = static_keys();
  S3Settings settings;
  sdk::Lock lock{
      .mode = sdk::LockMode::compliance, .retain_until_unix_s = k2030, .legal_hold = false};
  std::string archive_prefix;
  cloud::KnownKeys known_keys;
  cloud::UploadNotes notes;
  cloud::ConnectionBudget connections{2};
  HostCall host;
  std::unique_ptr<S3Service> service;
  std::unique_ptr<http::Session> session;
};

StoredVersion version_of(std::string_view body, std::string_view key = "a/k") {
  StoredVersion version{.key = std::string(key), .id = {}, .body = std::string(body)};
  version.headers = {{"x-amz-meta-cavra-sha256", to_hex(http::sha256(as_bytes(body)))},
                     {"x-amz-object-lock-mode", "COMPLIANCE"},
                     {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00.000Z"}};
  return version;
}

void must_put(Bucket& bucket, Bytes& bytes) {
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
}

std::string large_text(std::size_t parts) {
  std::string text(parts * kPart - 7, 'x');
  for (std::size_t at = 0; at < text.size(); at += kPart)
    text[at] = static_cast<char>('a' + static_cast<char>(at / kPart));
  return text;
}

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
  Bucket bucket(s3.url(), folder.path() / "uploads");
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
  Bucket bucket(s3.url(), folder.path() / "uploads");
  const auto held = bucket.connections.take(1);  // so that parts go one after the other
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
    Bucket bucket(s3.url(), folder.path() / "uploads");
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 1);
    CHECK(s3.asked("POST", "uploads").size() == 1);
  }
  SUBCASE("they do not") {
    s3.uploads.begin()->second.parts[1][0] ^= 1;
    Bucket bucket(s3.url(), folder.path() / "uploads");
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 2);
    CHECK(s3.asked("POST", "uploads").size() == 1);
  }
  SUBCASE("another lock begins anew") {
    Bucket bucket(s3.url(), folder.path() / "uploads");
    bucket.lock.retain_until_unix_s = k2030 + 1;
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 2);
    CHECK(s3.asked("POST", "uploads").size() == 2);
  }
  SUBCASE("a part too many begins anew, and takes nothing") {
    StoredUpload& upload = s3.uploads.begin()->second;
    upload.parts[4] = "foreign";
    upload.etags[4] = "\"foreign\"";
    Bucket bucket(s3.url(), folder.path() / "uploads");
    must_put(bucket, bytes);
    CHECK(times_sent(s3, 1) == 2);
    CHECK(s3.asked("POST", "uploads").size() == 2);
  }
  SUBCASE("an upload that is gone begins anew") {
    s3.uploads.clear();
    Bucket bucket(s3.url(), folder.path() / "uploads");
    must_put(bucket, bytes);
    CHECK(s3.asked("POST", "uploads").size() == 2);
  }
  CHECK(s3.versions.at(0).body == bytes.text());
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
