// A put against a service by script: what is sent, and what becomes of answers that are lost, wrong
// or late.
#include "s3-object-lock/object_put.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "http/digest.hpp"
#include "http/http_date.hpp"
#include "s3-object-lock/answering_server.hpp"
#include "s3-object-lock/host_call.hpp"

namespace cavra::s3::testing {
namespace {

constexpr std::int64_t kUntil = 1900000000;

// The host's bytes.
struct Bytes {
  std::string text;
  bool is_right = true;
  int verdicts = 0;

  [[nodiscard]] cavra_source source() {
    auto c = abi::make<cavra_source>();
    c.length = text.size();
    c.ctx = this;
    c.read_at = [](void* ctx, std::uint64_t offset, void* buffer, std::size_t length,
                   std::size_t* got) -> cavra_status {
      const std::string& all = static_cast<Bytes*>(ctx)->text;
      *got = std::min<std::size_t>(length, all.size() - offset);
      std::copy_n(all.data() + offset, *got, static_cast<char*>(buffer));
      return CAVRA_OK;
    };
    c.finish = [](void* ctx) -> cavra_status {
      auto& bytes = *static_cast<Bytes*>(ctx);
      ++bytes.verdicts;
      return bytes.is_right ? CAVRA_OK : CAVRA_E_CORRUPT;
    };
    return c;
  }
};

struct StoredVersion {
  std::string id;
  bool is_marker = false;
  std::string body;
  http::Headers headers;
};

// One key of a bucket, as AWS has it.
struct Service {
  std::vector<StoredVersion> versions;       // oldest first
  std::map<std::string, std::string> parts;  // by number
  bool has_upload = false;
  int lost_answers = 0;          // of what changes something: done, and not answered
  std::vector<Answered> before;  // said before anything is done, one a request that changes
  bool hides_version_ids = false;
  std::string retention_document;  // that was put

  void put(const std::string& body, const http::Headers& headers = {}, bool is_marker = false) {
    versions.push_back({"v" + std::to_string(versions.size() + 1), is_marker, body, headers});
  }

  Answered answer(const Asked& asked) {
    if (asked.method == "GET" && asked.target.find("versions=") != std::string::npos) return list();
    if (asked.method == "HEAD") return head(asked);
    if (asked.method == "GET")
      return {.status = 404, .body = error("NoSuchObjectLockConfiguration")};
    if (asked.method == "DELETE") {
      has_upload = false;
      return {.status = 204};
    }
    if (asked.target.find("retention=") != std::string::npos) {
      retention_document = asked.body;
      return {};
    }
    if (!before.empty()) {
      Answered said = before.front();
      before.erase(before.begin());
      return said;
    }
    Answered done = change(asked);
    if (lost_answers > 0 && asked.target.find("uploads=") == std::string::npos) {
      --lost_answers;
      done.is_dropped = true;
    }
    return done;
  }

  static std::string error(const std::string& code) {
    return "<Error><Code>" + code + "</Code><Message>m</Message></Error>";
  }

 private:
  Answered change(const Asked& asked) {
    const bool is_part = asked.target.find("partNumber=") != std::string::npos;
    if (asked.method == "POST" && asked.target.find("uploads=") != std::string::npos) {
      has_upload = true;
      upload_headers = asked.headers;
      return {.body =
                  "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                  "</InitiateMultipartUploadResult>"};
    }
    if (is_part) {
      const std::size_t at = asked.target.find("partNumber=") + 11;
      parts[asked.target.substr(at, asked.target.find('&', at) - at)] = asked.body;
      return {.headers = {{"ETag", "\"e" + std::to_string(parts.size()) + "\""}}};
    }
    if (asked.headers.get("if-none-match") == "*" && !versions.empty() &&
        !versions.back().is_marker)
      return {.status = 412, .body = error("PreconditionFailed")};
    const bool is_complete = asked.method == "POST";
    std::string all;
    for (const auto& [number, part] : parts)
      all += part;
    put(is_complete ? all : asked.body, is_complete ? upload_headers : asked.headers);
    has_upload = has_upload && !is_complete;
    return {.body = is_complete ? "<CompleteMultipartUploadResult/>" : "",
            .headers = hides_version_ids ? http::Headers{}
                                         : http::Headers{{"x-amz-version-id", versions.back().id}}};
  }

  [[nodiscard]] Answered list() const {
    std::string xml = "<ListVersionsResult>";
    for (auto version = versions.rbegin(); version != versions.rend(); ++version)
      xml += version->is_marker
                 ? "<DeleteMarker><Key>p/k</Key><VersionId>" + version->id +
                       "</VersionId></DeleteMarker>"
                 : "<Version><Key>p/k</Key><VersionId>" + version->id + "</VersionId><Size>" +
                       std::to_string(version->body.size()) + "</Size></Version>";
    return {.body = xml + "</ListVersionsResult>"};
  }

  [[nodiscard]] Answered head(const Asked& asked) const {
    const std::string id = asked.target.substr(asked.target.find("versionId=") + 10);
    const auto found = std::ranges::find(versions, id, &StoredVersion::id);
    if (found == versions.end()) return {.status = 404};
    http::Headers headers{{"x-amz-version-id", id},
                          {"Content-Length", std::to_string(found->body.size())}};
    for (const http::Header& header : found->headers.all())
      if (http::lower_case(header.name).starts_with("x-amz-meta-") ||
          http::lower_case(header.name).starts_with("x-amz-object-lock-"))
        headers.add(header.name, header.value);
    return {.headers = headers};
  }

  http::Headers upload_headers;
};

struct PutCase {
  Service script;
  Bytes bytes{.text = "evidence"};
  S3Settings settings;
  AnsweringServer server{[this](const Asked& asked) { return script.answer(asked); }};
  HostCall host;

  Result<sdk::PutResult> run() {
    settings.bucket = "b";
    settings.endpoint = server.url();
    AwsSettings aws;
    aws.credentials.origin = AwsStaticKeys{.place = AwsKeyPlace::environment,
                                           .access_key_id = "AKID",
                                           .secret_access_key = Secret(as_bytes("secret")),
                                           .session_token = {}};
    auto address = S3Address::make(settings, aws);
    REQUIRE(address);
    http::SessionOptions session_options;
    session_options.allows_plain = true;
    session_options.takes_proxy = false;
    S3Service service({.address = *address,
                       .expected_bucket_owner = {},
                       .retry = {.max_attempts = 4,
                                 .first_delay = std::chrono::milliseconds(1),
                                 .most_delay = std::chrono::milliseconds(2)},
                       .session = session_options,
                       .log = {}},
                      aws);
    auto session = service.take_session();
    REQUIRE(session);
    const sdk::Call call = host.call();
    const Asking ask{service, **session, call};
    KnownKeys known;
    const UploadNotes notes{std::filesystem::path()};
    ConnectionBudget connections(2);
    const PutTools tools{settings, known, notes, connections};
    sdk::PutRequest request;
    request.key = "p/k";
    request.archive_prefix = "p/";
    request.length = bytes.text.size();
    request.sha256 = http::sha256(as_bytes(bytes.text));
    request.lock.mode = sdk::LockMode::compliance;
    request.lock.retain_until_unix_s = kUntil;
    const cavra_source c = bytes.source();
    sdk::Source source(&c);
    return ObjectPut(ask, tools, request, source).run();
  }

  [[nodiscard]] std::vector<Asked> asked(std::string_view method) const {
    std::vector<Asked> found = server.asked();
    std::erase_if(found, [&](const Asked& each) { return each.method != method; });
    return found;
  }
  [[nodiscard]] http::Headers own_headers() const {
    return {{"x-amz-meta-cavra-sha256", to_hex(http::sha256(as_bytes(bytes.text)))}};
  }
  [[nodiscard]] sdk::PutResult done() {
    auto result = run();
    REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
    return *result;
  }
};

}  // namespace

TEST_CASE("a put carries what AWS demands of it") {
  PutCase test;
  const sdk::PutResult result = test.done();
  CHECK(result.is_created);
  CHECK(result.version == "v1");
  CHECK(test.bytes.verdicts == 1);
  const auto puts = test.asked("PUT");
  REQUIRE(puts.size() == 1);
  const http::Headers& headers = puts[0].headers;
  const auto digest = http::sha256(as_bytes(test.bytes.text));
  CHECK(headers.get("x-amz-content-sha256") == to_hex(digest));
  CHECK(headers.get("x-amz-checksum-sha256") == to_base64(digest));
  CHECK(headers.get("x-amz-object-lock-mode") == "COMPLIANCE");
  CHECK(headers.get("x-amz-object-lock-retain-until-date") == "2030-03-17T17:46:40Z");
  CHECK(headers.get("if-none-match") == "*");
  CHECK_FALSE(headers.find("content-md5"));
  // Every x-amz- header is signed.
  const std::string signature(headers.get("authorization"));
  for (const http::Header& header : headers.all())
    if (const std::string name = http::lower_case(header.name); name.starts_with("x-amz-"))
      CHECK_MESSAGE(signature.find(name) != std::string::npos, name);
}

TEST_CASE("our bytes are found under other versions, and taken as they are") {
  PutCase test;
  test.script.put(test.bytes.text, test.own_headers());
  test.script.put("somebody's");
  test.script.put("", {}, true);
  const sdk::PutResult result = test.done();
  CHECK_FALSE(result.is_created);
  CHECK(result.version == "v1");
  CHECK(test.asked("PUT").empty());
  CHECK(test.bytes.verdicts == 0);
}

TEST_CASE("other bytes are a conflict, delete markers alone are not") {
  PutCase test;
  SUBCASE("other bytes") {
    test.script.put("evidenca");
    const auto result = test.run();
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::conflict);
    CHECK(test.asked("PUT").empty());
  }
  SUBCASE("a marker") {
    test.script.put("", {}, true);
    CHECK(test.done().version == "v2");
  }
}

TEST_CASE("a put whose answer was lost is looked for, and not sent twice") {
  PutCase test;
  test.script.lost_answers = 1;
  const sdk::PutResult result = test.done();
  CHECK(result.is_created);
  CHECK(result.version == "v1");
  CHECK(test.asked("PUT").size() == 1);
}

TEST_CASE("an answer without a version is looked for, too") {
  PutCase test;
  test.script.hides_version_ids = true;
  CHECK(test.done().version == "v1");
  CHECK(test.asked("PUT").size() == 1);
}

TEST_CASE("the host's verdict keeps an object from coming to be") {
  PutCase test;
  test.bytes.is_right = false;
  SUBCASE("whole") {}
  SUBCASE("in parts") {
    test.settings.single_put_bytes = 0;
    test.settings.part_bytes = 4;
  }
  SUBCASE("empty") {
    test.bytes.text.clear();
  }
  const auto result = test.run();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::corrupt);
  CHECK(test.script.versions.empty());
  CHECK_FALSE(test.script.has_upload);
}

TEST_CASE("what passes is repeated, and what a service refuses is told with its words") {
  PutCase test;
  test.script.before = {{.status = 503, .body = Service::error("SlowDown")},
                        {.status = 500, .body = Service::error("InternalError")}};
  CHECK(test.done().version == "v1");
  test.script.versions.clear();
  test.script.before = {{.status = 403, .body = Service::error("AccessDenied")}};
  const auto refused = test.run();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK(refused.error().message.find("s3:PutObject") != std::string::npos);
}

TEST_CASE("a clock that is wrong is set once by the service's") {
  PutCase test;
  const std::string date = http::format_http_date(now_utc().unix_s + 7200);
  const Answered skewed{
      .status = 403, .body = Service::error("RequestTimeTooSkewed"), .headers = {{"Date", date}}};
  SUBCASE("and then it is right") {
    test.script.before = {skewed};
    CHECK(test.done().version == "v1");
    const auto puts = test.asked("PUT");
    CHECK(puts[0].headers.get("x-amz-date") < puts[1].headers.get("x-amz-date"));
  }
  SUBCASE("a second time is a fault") {
    test.script.before = {skewed, skewed};
    const auto result = test.run();
    REQUIRE_FALSE(result);
    CHECK(result.error().message.find("clock") != std::string::npos);
  }
}

TEST_CASE("parts: lock and algorithm at the beginning, a digest each, the verdict before the end") {
  PutCase test;
  test.settings.single_put_bytes = 0;
  test.settings.part_bytes = 3;
  CHECK(test.done().version == "v1");
  CHECK(test.script.versions[0].body == test.bytes.text);
  const auto posts = test.asked("POST");
  REQUIRE(posts.size() == 2);
  CHECK(posts[0].headers.get("x-amz-checksum-algorithm") == "SHA256");
  CHECK(posts[0].headers.get("x-amz-object-lock-mode") == "COMPLIANCE");
  CHECK(posts[1].body.find("<ChecksumSHA256>") != std::string::npos);
  CHECK(posts[1].headers.get("if-none-match") == "*");
  for (const Asked& part : test.asked("PUT")) {
    const auto digest = http::sha256(as_bytes(part.body));
    CHECK(part.headers.get("x-amz-checksum-sha256") == to_base64(digest));
    CHECK(part.headers.get("x-amz-content-sha256") == to_hex(digest));
    CHECK_FALSE(part.headers.find("x-amz-object-lock-mode"));
  }
}

TEST_CASE("an end that is answered 200 with an error, or not at all, makes one version") {
  PutCase test;
  test.settings.single_put_bytes = 0;
  SUBCASE("lost") {
    test.script.lost_answers = 2;
  }  // a part's, and the end's
  SUBCASE("an error in a 200") {
    const Answered part{.headers = {{"ETag", "\"e\""}}};
    const Answered begun{.body =
                             "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                             "</InitiateMultipartUploadResult>"};
    test.script.parts = {{"1", test.bytes.text}};
    test.script.before = {begun, part, {.body = Service::error("InternalError")}};
  }
  const sdk::PutResult result = test.done();
  CHECK(result.version == "v1");
  CHECK(test.script.versions.size() == 1);
}

TEST_CASE("a lock that the service ignores at the beginning of an upload is set by version") {
  PutCase test;
  test.settings.single_put_bytes = 0;
  test.script.before = {{.body = "<InitiateMultipartUploadResult><UploadId>u1</UploadId>"
                                 "</InitiateMultipartUploadResult>"}};
  CHECK(test.done().version == "v1");
  CHECK(test.script.retention_document.find("<Mode>COMPLIANCE</Mode><RetainUntilDate>"
                                            "2030-03-17T17:46:40Z</RetainUntilDate>") !=
        std::string::npos);
  const auto puts = test.asked("PUT");
  const http::Headers& headers = puts.back().headers;
  const auto digest = http::sha256(as_bytes(test.script.retention_document));
  CHECK(headers.get("x-amz-checksum-sha256") == to_base64(digest));
  CHECK(headers.get("x-amz-sdk-checksum-algorithm") == "SHA256");
  CHECK_FALSE(headers.find("x-amz-bypass-governance-retention"));
}

}  // namespace cavra::s3::testing
