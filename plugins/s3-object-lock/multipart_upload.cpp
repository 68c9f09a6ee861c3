#include "multipart_upload.hpp"

#include <algorithm>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "http/digest.hpp"

namespace cavra::s3 {

namespace {

constexpr std::uint64_t kMaxParts = 10000;
// All that an upload is begun with, in one digest.
std::string digest_of(const Asking& ask, const sdk::PutRequest& request,
                      const http::Headers& headers, std::uint64_t part_bytes) {
  std::string text = ask.service.address().identity() + '\n' + std::string(request.key) + '\n' +
                     to_hex(request.sha256) + '\n' + std::to_string(request.length) + '\n' +
                     std::to_string(part_bytes) + '\n';
  for (const http::Header& header : headers.all())
    text += header.name + ':' + header.value + '\n';
  return to_hex(http::sha256(as_bytes(text)));
}

http::Headers with_checksum_algorithm(http::Headers headers) {
  headers.add("x-amz-checksum-algorithm", "SHA256");
  return headers;
}

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    return etag.substr(1, etag.size() - 2);
  return etag;
}

}  // namespace

MultipartUpload::MultipartUpload(const Asking& ask, const PutTools& tools,
                                 const sdk::PutRequest& request, sdk::Source& source,
                                 cloud::Verdict& verdict, const http::Headers& headers,
                                 std::function<Result<bool>()> has_happened, bool& may_be_mine)
    : ask_(ask),
      tools_(tools),
      request_(request),
      source_(source),
      verdict_(verdict),
      headers_(with_checksum_algorithm(headers)),
      has_happened_(std::move(has_happened)),
      may_be_mine_(may_be_mine),
      part_bytes_(cloud::fitting_part_bytes(request.length, tools.settings.part_bytes, kMaxParts)),
      particulars_(digest_of(ask, request, headers_, part_bytes_)),
      sent_(cloud::part_count(request.length, part_bytes_)) {}

Result<void> MultipartUpload::begin() {
  if (const auto noted = tools_.state.notes.find(particulars_)) {
    CAVRA_TRY(const bool is_there, take_up(*noted));
    if (is_there) return {};
    there_.clear();
    tools_.state.notes.drop(particulars_);
  }
  return create();
}

Result<void> MultipartUpload::create() {
  CAVRA_TRY(const http::Response response, ask_({.doing = "begin the upload of",
                                                 .action = "s3:PutObject",
                                                 .method = "POST",
                                                 .key = std::string(request_.key),
                                                 .query = {{"uploads", ""}},
                                                 .headers = headers_}));
  CAVRA_TRY(id_, parse_upload_id(response.body));
  tools_.state.notes.keep(particulars_, id_);
  return {};
}

// Whether the upload is still there. It is taken up only where each part that it has fits.
Result<bool> MultipartUpload::take_up(const std::string& id) {
  std::uint32_t after = 0;
  for (;;) {
    QueryParameters query{{"uploadId", id}};
    if (after > 0) query.emplace_back("part-number-marker", std::to_string(after));
    CAVRA_TRY(const http::Response response, ask_({.doing = "list the parts of",
                                                   .action = "s3:ListMultipartUploadParts",
                                                   .method = "GET",
                                                   .key = std::string(request_.key),
                                                   .query = std::move(query),
                                                   .answers = {403, 404}}));
    if (!response.is_success()) return false;
    CAVRA_TRY(PartsPage page, parse_parts(response.body));
    for (ListedPart& part : page.parts) {
      if (part.number == 0 || part.number > sent_.size()) return false;
      const std::uint32_t number = part.number;
      there_.insert_or_assign(number, std::move(part));
    }
    if (!page.next) break;
    if (*page.next <= after) return false;
    after = *page.next;
  }
  id_ = id;
  return true;
}

// Also notes what is there.
bool MultipartUpload::is_there(const cloud::Part& part) {
  const auto found = there_.find(part.number);
  if (found == there_.end() || found->second.length != part.length) return false;
  const ListedPart& listed = found->second;
  const std::string sha256 = to_base64(part.digests.sha256);
  const bool is_same = listed.checksum_sha256.empty()
                           ? unquoted(listed.etag) == to_hex(part.digests.md5)
                           : listed.checksum_sha256 == sha256;
  if (is_same) sent_[part.number - 1] = {part.number, listed.etag, sha256};
  return is_same;
}

http::Exchange MultipartUpload::exchange(const cloud::Part& part, http::RequestBody& body) const {
  http::Headers headers{{"x-amz-checksum-sha256", to_base64(part.digests.sha256)}};
  if (tools_.settings.sends_md5) headers.add("content-md5", to_base64(part.digests.md5));
  return ask_.service.exchange(
      ask_.call, {.doing = "send a part of",
                  .action = "s3:PutObject",
                  .method = "PUT",
                  .key = std::string(request_.key),
                  .query = {{"partNumber", std::to_string(part.number)}, {"uploadId", id_}},
                  .headers = std::move(headers),
                  .body = &body,
                  .payload_sha256 = to_hex(part.digests.sha256)});
}

Result<void> MultipartUpload::take(const cloud::Part& part, const http::Response& response) {
  const std::string_view etag = response.headers.get("etag");
  if (etag.empty() || etag.size() > 256)
    return Error{ErrorCode::io, quoted(request_.key) + ": the service took part " +
                                    std::to_string(part.number) + " and gave no ETag"};
  sent_[part.number - 1] = {part.number, std::string(etag), to_base64(part.digests.sha256)};
  return {};
}

Result<void> MultipartUpload::send_all() {
  cloud::ParallelParts parts(ask_.session, ask_.call, ask_.service.retry(), source_, part_bytes_);
  return parts.send(
      tools_.state.connections,
      {// An ETag of a part is its MD5, with most servers.
       .wanted =
           [this](std::uint32_t number) {
             const bool needs_md5 = tools_.settings.sends_md5 || there_.contains(number);
             return http::Wanted{.sha256 = true, .md5 = needs_md5};
           },
       .is_there = [this](const cloud::Part& part) { return is_there(part); },
       .exchange = [this](const cloud::Part& part,
                          http::RequestBody& body) { return exchange(part, body); },
       .sent = [this](const cloud::Part& part,
                      const http::Response& response) { return take(part, response); }});
}

Result<std::optional<std::string>> MultipartUpload::complete() {
  const std::string xml = complete_document(sent_);
  http::TextBody body(xml);
  CAVRA_TRY(
      const http::Response response,
      ask_({.doing = "complete the upload of",
            .action = "s3:PutObject",
            .method = "POST",
            .key = std::string(request_.key),
            .query = {{"uploadId", id_}},
            .headers = {{"content-type", "application/xml"}, {"if-none-match", "*"}},
            .body = &body,
            .payload_sha256 = to_hex(http::sha256(as_bytes(xml))),
            .answers = {404, 409, 412},
            .is_done = [](const http::Response& answer) { return is_complete_result(answer.body); },
            .has_happened = has_happened_}));
  return version_of(response, may_be_mine_);
}

// Nobody needs it any more. What cannot be aborted is told by a listing, and costs space alone.
void MultipartUpload::abort() {
  (void)ask_({.doing = "abort the upload of",
              .action = "s3:AbortMultipartUpload",
              .method = "DELETE",
              .key = std::string(request_.key),
              .query = {{"uploadId", id_}},
              .answers = {404}});
  tools_.state.notes.drop(particulars_);
}

// The next run takes an upload up, where it is noted: but what is refused now will be refused then.
bool MultipartUpload::is_useless(const Error& error) const {
  return !tools_.state.notes.are_kept() || error.code == ErrorCode::refused;
}

Result<std::optional<std::string>> MultipartUpload::run() {
  CAVRA_CHECK(begin());
  if (auto all = send_all(); !all) {
    // Another run of the same may have completed or aborted it.
    if (all.error().code == ErrorCode::not_found) {
      tools_.state.notes.drop(particulars_);
      return std::optional<std::string>{};
    }
    if (is_useless(all.error())) abort();
    return std::move(all).error();
  }
  if (auto right = verdict_.ask(); !right) {
    abort();
    return std::move(right).error();
  }
  auto version = complete();
  if (version && *version)
    tools_.state.notes.drop(particulars_);
  else if (version || is_useless(version.error()))
    abort();
  return version;
}

}  // namespace cavra::s3
