#include "object_put.hpp"

#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/digest.hpp"
#include "multipart_upload.hpp"
#include "object_headers.hpp"
#include "raise_lock.hpp"

namespace cavra::s3 {

namespace {

constexpr int kMaxRounds = 3;

cloud::ListKeys keys_of(const Asking& ask) {
  return [&ask](std::string_view prefix, const cloud::TakeKey& take) {
    return for_each_version(ask, prefix, [&take](const ListedVersion& version) {
      take(version.key);
      return Result<void>{};
    });
  };
}

}  // namespace

std::optional<std::string> version_of(const http::Response& response, bool& may_be_mine) {
  if (!response.is_success()) return std::nullopt;
  const std::string_view version = response.headers.get("x-amz-version-id");
  if (!version.empty()) return std::string(version);
  may_be_mine = true;
  return std::nullopt;
}

ObjectPut::ObjectPut(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
                     sdk::Source& source)
    : ask_(ask), tools_(tools), request_(request), source_(source), verdict_(source) {}

Result<std::optional<sdk::PutResult>> ObjectPut::look() {
  CAVRA_TRY(auto own, find_own_version(ask_, request_));
  if (!own) return std::optional<sdk::PutResult>{};
  return std::optional(sdk::PutResult{.is_created = may_be_mine_,
                                      .is_digest_checked = own->is_digest_checked,
                                      .version = std::move(own->version)});
}

// What became of a put without an answer.
std::function<Result<bool>()> ObjectPut::look_again() {
  return [this]() -> Result<bool> {
    may_be_mine_ = true;
    CAVRA_TRY(const auto own, find_own_version(ask_, request_));
    return own.has_value();
  };
}

Result<std::optional<std::string>> ObjectPut::send_whole() {
  cloud::WholeBody body(source_, verdict_);
  http::Headers headers = headers_;
  headers.add("if-none-match", "*");
  headers.add("x-amz-checksum-sha256", to_base64(request_.sha256));
  if (tools_.settings.sends_md5) {
    CAVRA_TRY(const auto digests, cloud::digests_of(source_, ask_.call, {.md5 = true}));
    headers.add("content-md5", to_base64(digests.md5));
  }
  CAVRA_TRY(const http::Response response, ask_({.doing = "put",
                                                 .action = "s3:PutObject",
                                                 .method = "PUT",
                                                 .key = std::string(request_.key),
                                                 .headers = std::move(headers),
                                                 .body = &body,
                                                 .payload_sha256 = to_hex(request_.sha256),
                                                 .answers = {412},
                                                 .has_happened = look_again()}));
  return version_of(response, may_be_mine_);
}

Result<std::optional<std::string>> ObjectPut::send_parts() {
  MultipartUpload upload(ask_, tools_, request_, source_, verdict_, headers_, look_again(),
                         may_be_mine_);
  return upload.run();
}

Result<std::optional<std::string>> ObjectPut::send() {
  return request_.length > tools_.settings.single_put_bytes ? send_parts() : send_whole();
}

// Some servers (Ceph) take the lock headers of an upload in parts and do nothing with them.
Result<void> ObjectPut::raise_if_ignored(const std::string& version) {
  if (request_.length <= tools_.settings.single_put_bytes) return {};
  sdk::Lock wanted = request_.lock;
  if (tools_.settings.lock_from == LockFrom::bucket)
    wanted = {
        .mode = sdk::LockMode::none, .retain_until_unix_s = {}, .legal_hold = wanted.legal_hold};
  return raise_lock(ask_, request_.key, version, wanted);
}

Result<sdk::PutResult> ObjectPut::settle(std::string version) {
  CAVRA_CHECK(raise_if_ignored(version));
  const bool is_whole = request_.length <= tools_.settings.single_put_bytes;
  return sdk::PutResult{.is_created = true,
                        .is_digest_checked = is_whole && ask_.service.address().is_aws(),
                        .version = std::move(version)};
}

Result<sdk::PutResult> ObjectPut::run() {
  CAVRA_CHECK(check_date(ask_.service.address(), request_.lock));
  CAVRA_TRY(headers_, object_headers(tools_.settings, request_));
  CAVRA_TRY(const bool may_be_there,
            tools_.state.known_keys.may_have(ask_.call, keys_of(ask_), request_.archive_prefix,
                                             request_.key));
  if (may_be_there) {
    CAVRA_TRY(const auto found, look());
    if (found) return *found;
  }
  for (int round = 0; round < kMaxRounds; ++round) {
    CAVRA_TRY(auto version, send());
    if (version) return settle(*std::move(version));
    CAVRA_TRY(const auto found, look());
    if (found) return *found;
  }
  return Error{ErrorCode::unavailable,
               quoted(request_.key) + ": others put and remove under this key at the same time",
               true};
}

}  // namespace cavra::s3
