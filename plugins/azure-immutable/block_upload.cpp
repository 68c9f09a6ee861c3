#include "block_upload.hpp"

#include <sys/random.h>

#include <array>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "checksum.hpp"
#include "http/digest.hpp"

namespace cavra::azure {

namespace {

constexpr std::uint64_t kMaxBlocks = 50000;
constexpr std::size_t kMaxBlockListBytes = std::size_t{32} << 20;
constexpr std::size_t kUploadDigits = 16;

// What an upload is begun with, in one digest. The headers come with the end of it, and are
// today's.
std::string digest_of(const Asking& ask, const sdk::PutRequest& request, std::uint64_t block_bytes,
                      Checksum checksum) {
  const std::string text = ask.service.address().location({}) + '\n' + std::string(request.key) +
                           '\n' + to_hex(request.sha256) + '\n' + std::to_string(request.length) +
                           '\n' + std::to_string(block_bytes) + '\n' +
                           (checksum == Checksum::md5 ? "md5" : "crc64") + '\n';
  return to_hex(http::sha256(as_bytes(text)));
}

Result<std::string> random_digits() {
  std::array<std::byte, kUploadDigits / 2> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return Error{ErrorCode::internal, "the system gives no random bytes"};
  return to_hex(bytes);
}

bool are_digits(std::string_view text) {
  return text.size() == kUploadDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

BlockUpload::BlockUpload(const Asking& ask, const PutTools& tools, const sdk::PutRequest& request,
                         sdk::Source& source, cloud::Verdict& verdict, const http::Headers& headers,
                         std::function<Result<bool>()> has_happened)
    : ask_(ask),
      tools_(tools),
      request_(request),
      source_(source),
      verdict_(verdict),
      headers_(headers),
      has_happened_(std::move(has_happened)),
      block_bytes_(
          cloud::fitting_part_bytes(request.length, tools.settings.block_bytes, kMaxBlocks)),
      particulars_(digest_of(ask, request, block_bytes_, tools.checksum)),
      ids_(cloud::part_count(request.length, block_bytes_)) {}

Result<void> BlockUpload::begin() {
  if (const auto noted = tools_.state.notes.find(particulars_); noted && are_digits(*noted)) {
    upload_ = *noted;
    return look_for_blocks();
  }
  CAVRA_TRY(upload_, random_digits());
  tools_.state.notes.keep(particulars_, upload_);
  return {};
}

Result<void> BlockUpload::look_for_blocks() {
  CAVRA_TRY(const http::Response response,
            ask_({.doing = "list the blocks of",
                  .action = kReadBlobs,
                  .method = "GET",
                  .key = std::string(request_.key),
                  .query = {{"comp", "blocklist"}, {"blocklisttype", "uncommitted"}},
                  .max_body_bytes = kMaxBlockListBytes,
                  .answers = {404}}));
  if (!response.is_success()) return {};
  CAVRA_TRY(std::vector<ListedBlock> blocks, parse_uncommitted_blocks(response.body));
  for (ListedBlock& block : blocks)
    there_.insert_or_assign(std::move(block.id), block.length);
  return {};
}

// All of one length, as the service demands.
std::string BlockUpload::id_of(const cloud::Part& block) const {
  const std::string number = std::to_string(100000 + block.number).substr(1);
  const std::string id =
      upload_ + "-" + number + "-" + checksum_digits(tools_.checksum, block.digests);
  return to_base64(as_bytes(id));
}

// Also notes its id.
bool BlockUpload::is_there(const cloud::Part& block) {
  std::string& id = ids_[block.number - 1];
  id = id_of(block);
  const auto found = there_.find(id);
  return found != there_.end() && found->second == block.length;
}

http::Exchange BlockUpload::exchange(const cloud::Part& block, http::RequestBody& body) const {
  http::Headers headers;
  add_checksum(tools_.checksum, block.digests, headers);
  return ask_.service.exchange(ask_.call,
                               {.doing = "send a block of",
                                .action = kWriteBlobs,
                                .method = "PUT",
                                .key = std::string(request_.key),
                                .query = {{"comp", "block"}, {"blockid", ids_[block.number - 1]}},
                                .headers = std::move(headers),
                                .body = &body});
}

Result<void> BlockUpload::send_all() {
  cloud::ParallelParts blocks(ask_.session, ask_.call, ask_.service.retry(), source_, block_bytes_);
  return blocks.send(
      tools_.state.connections,
      {.wanted = [this](std::uint32_t) { return wanted(tools_.checksum); },
       .is_there = [this](const cloud::Part& block) { return is_there(block); },
       .exchange = [this](const cloud::Part& block,
                          http::RequestBody& body) { return exchange(block, body); },
       .sent = [](const cloud::Part&, const http::Response&) { return Result<void>{}; }});
}

Result<PutOutcome> BlockUpload::commit() {
  const std::string xml = block_list_document(ids_);
  http::TextBody body(xml);
  http::Headers headers = headers_;
  headers.add("if-none-match", "*");
  headers.add("content-type", "application/xml");
  CAVRA_TRY(const http::Response response, ask_({.doing = "put together the blocks of",
                                                 .action = kWriteBlobs,
                                                 .method = "PUT",
                                                 .key = std::string(request_.key),
                                                 .query = {{"comp", "blocklist"}},
                                                 .headers = std::move(headers),
                                                 .body = &body,
                                                 .answers = {403, 409, 412},
                                                 .has_happened = has_happened_}));
  return outcome_of(response, "put together the blocks of " + quoted(request_.key),
                    put_action(tools_.settings));
}

Result<PutOutcome> BlockUpload::run() {
  CAVRA_CHECK(begin());
  CAVRA_CHECK(send_all());
  if (auto right = verdict_.ask(); !right) {
    tools_.state.notes.drop(particulars_);
    return std::move(right).error();
  }
  auto outcome = commit();
  // Once there is a blob, its blocks are gone; and what is refused now would be refused again.
  if (outcome || outcome.error().code == ErrorCode::refused) tools_.state.notes.drop(particulars_);
  return outcome;
}

}  // namespace cavra::azure
