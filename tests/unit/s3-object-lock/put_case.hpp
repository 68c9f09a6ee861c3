// What tests of puts share: bytes of a host, and a bucket at a small S3 as an opening has it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

#include "cavra/abi_struct.hpp"
#include "cavra/support/encoding.hpp"
#include "cloud/host_call.hpp"
#include "http/digest.hpp"
#include "s3-object-lock/object_put.hpp"
#include "s3-object-lock/put_rivals.hpp"
#include "s3-object-lock/small_s3.hpp"

namespace cavra::s3::testing {

using cloud::testing::HostCall;

inline constexpr std::int64_t k2030 = 1893456000;  // 2030-01-01T00:00:00Z
inline constexpr std::size_t kPart = std::size_t{1} << 20;

inline AwsSettings static_keys() {
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
  explicit Bucket(const std::string& url, std::string_view state_folder = {})
      : state(state_folder, 2) {
    settings.bucket = "abc";
    settings.endpoint = url;
    settings.part_bytes = kPart;
    settings.single_put_bytes = 1000;
  }

  // The service as the settings are now.
  void open() {
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
  }

  Result<sdk::PutResult> put(Bytes& bytes, std::string_view key = "a/k") {
    open();
    const sdk::Call call = host.call();
    const Asking ask{*service, *session, call};
    const sdk::PutRequest request{.key = key,
                                  .length = bytes.text().size(),
                                  .sha256 = http::sha256(as_bytes(bytes.text())),
                                  .media_type = "text/plain",
                                  .metadata_json = R"({"name": "x"})",
                                  .lock = lock,
                                  .archive_prefix = archive_prefix};
    const PutTools tools{settings, state};
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
  cloud::PutState state;
  HostCall host;
  std::unique_ptr<S3Service> service;
  std::unique_ptr<http::Session> session;
};

inline StoredVersion version_of(std::string_view body, std::string_view key = "a/k") {
  StoredVersion version{.key = std::string(key), .id = {}, .body = std::string(body)};
  version.headers = {{"x-amz-meta-cavra-sha256", to_hex(http::sha256(as_bytes(body)))},
                     {"x-amz-object-lock-mode", "COMPLIANCE"},
                     {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00.000Z"}};
  return version;
}

inline void must_put(Bucket& bucket, Bytes& bytes) {
  const auto put = bucket.put(bytes);
  REQUIRE_MESSAGE(put, put.error().message);
}

}  // namespace cavra::s3::testing
