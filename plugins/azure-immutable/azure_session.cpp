#include "azure_session.hpp"

#include <utility>

#include "blob_put.hpp"
#include "cavra/support/encoding.hpp"
#include "cloud/keys.hpp"
#include "cloud/reading.hpp"
#include "container_probe.hpp"
#include "lock_attempt.hpp"

namespace cavra::azure {

namespace {

sdk::ListEntry entry_of(const ListedBlob& blob) {
  return {.kind = blob.is_uncommitted ? sdk::ListEntry::Kind::incomplete_upload
                                      : sdk::ListEntry::Kind::object,
          .key = blob.name,
          .version = blob.version,
          .length = blob.length,
          .stored_at_unix_s = blob.stored_at_unix_s,
          .is_latest = blob.is_current && !blob.is_uncommitted};
}

Error no_holds() {
  return {ErrorCode::refused,
          "legal holds are tags of the whole container here (az storage container legal-hold), and "
          "no object has one of its own"};
}

}  // namespace

Result<sdk::PutResult> AzureSession::put(const sdk::Call& call, const sdk::PutRequest& request,
                                         sdk::Source& source) {
  const Asking ask = asking(call);
  // No object has a lock of its own there: what the policy cannot hold is not begun.
  if (is_container_scope()) CAVRA_CHECK(container_lock_.require(ask, request.lock));
  const PutTools tools{store_.settings(), store_.put_state(),
                       checksum_for(store_.settings(), ask.service.address().is_loopback())};
  return BlobPut(ask, tools, request, source).run();
}

Result<sdk::ObjectInfo> AzureSession::stat(const sdk::Call& call, std::string_view key,
                                           std::string_view version) {
  const Asking ask = asking(call);
  CAVRA_TRY(ShownBlob shown, head_blob(ask, key, version));
  return info_of(ask, std::move(shown));
}

Result<void> AzureSession::get(const sdk::Call& call, std::string_view key,
                               std::string_view version, std::uint64_t offset, sdk::Sink& sink) {
  CAVRA_TRY([[maybe_unused]] const http::Response head,
            read_from(asking(call), key, version, offset, sink));
  return {};
}

Result<sdk::ObjectInfo> AzureSession::read(const sdk::Call& call, std::string_view key,
                                           std::string_view version, sdk::Sink& sink) {
  const Asking ask = asking(call);
  CAVRA_TRY(const http::Response head, read_from(ask, key, version, 0, sink));
  CAVRA_TRY(ShownBlob shown, shown_blob(key, version, head));
  return info_of(ask, std::move(shown));
}

Result<sdk::ObjectInfo> AzureSession::info_of(const Asking& ask, ShownBlob shown) {
  if (is_container_scope()) {
    CAVRA_TRY(shown.lock, container_lock_.lock_of(ask, shown));
  }
  sdk::ObjectInfo info;
  info.length = shown.length;
  info.stored_at_unix_s = shown.stored_at_unix_s;
  info.lock = shown.lock;
  info.is_latest = shown.is_current;
  info.version = std::move(shown.version);
  return info;
}

// The head of the first answer: that which goes on after a break has another length.
Result<http::Response> AzureSession::read_from(const Asking& ask, std::string_view key,
                                               std::string_view version, std::uint64_t offset,
                                               sdk::Sink& sink) {
  std::optional<http::Response> first;
  cloud::Reading reading(key, offset, sink);
  CAVRA_TRY(http::Response response,
            ask({.doing = "read",
                 .action = kReadBlobs,
                 .method = "GET",
                 .key = std::string(key),
                 .query = version_query(version),
                 .accept = [&](const http::Response& head) -> Result<void> {
                   if (!first) first = head;
                   return reading.accept(head);
                 },
                 .sink = [&](std::span<const std::byte> bytes) { return reading.take(bytes); },
                 .answers = {416},
                 .more_headers =
                     [&] {
                       http::Headers headers;
                       if (auto range = reading.next_range(); !range.empty())
                         headers.add("x-ms-range", std::move(range));
                       // Without versions, what goes on after a break has to be the same blob.
                       if (first) headers.add("if-match", std::string(first->headers.get("etag")));
                       return headers;
                     }}));
  if (response.status == 416) {
    // From the end on there is nothing, which is no range.
    CAVRA_TRY(const ShownBlob whole, head_blob(ask, key, version));
    if (whole.length != reading.at())
      return to_error(azure_error(response), "read " + quoted(key), kReadBlobs);
  }
  // Of an answer without bytes nobody has looked at the head.
  return first ? *std::move(first) : std::move(response);
}

Result<std::string> AzureSession::list(const sdk::Call& call, const sdk::ListRequest& request,
                                       sdk::ListSink& sink) {
  const Asking ask = asking(call);
  std::string marker(request.cursor);
  for (std::size_t pages = 0;; ++pages) {
    CAVRA_CHECK(call.check());
    CAVRA_TRY(BlobPage page,
              list_blobs(ask, Listing::plain, request.prefix, marker, request.limit));
    std::size_t told = 0;
    for (const ListedBlob& blob : page.blobs) {
      if (blob.is_deleted || !cloud::can_be_key(blob.name)) continue;
      CAVRA_CHECK(sink.entry(entry_of(blob)));
      ++told;
    }
    if (!page.next.empty() && (page.next == marker || pages > kMostEmptyPages))
      return Error{ErrorCode::io, "the service's listing stands still and would not end"};
    if (page.next.empty() || told > 0) return std::move(page.next);
    marker = std::move(page.next);
  }
}

Result<void> AzureSession::raise_lock(const sdk::Call& call, std::string_view key,
                                      std::string_view version, const sdk::Lock& lock) {
  const Asking ask = asking(call);
  if (!is_container_scope()) return raise_policy(ask, key, version, lock);
  CAVRA_TRY(const ShownBlob shown, head_blob(ask, key, version));
  return container_lock_.require_of(ask, shown, lock);
}

Result<void> AzureSession::set_hold(const sdk::Call& call, std::string_view key,
                                    std::string_view version) {
  if (is_container_scope()) return no_holds();
  return azure::set_hold(asking(call), key, version, true);
}

Result<void> AzureSession::clear_hold(const sdk::Call& call, std::string_view key,
                                      std::string_view version) {
  if (is_container_scope()) return no_holds();
  return azure::set_hold(asking(call), key, version, false);
}

Result<void> AzureSession::probe(const sdk::Call& call, sdk::ProbeSink& sink) {
  return ContainerProbe(asking(call), store_.settings(), store_.who(), container_lock_, sink).run();
}

Result<sdk::AttemptOutcome> AzureSession::attempt(const sdk::Call& call, sdk::Attempt act,
                                                  std::string_view key, std::string_view version) {
  return attempt_on_lock(asking(call), store_.settings(), act, key, version);
}

}  // namespace cavra::azure
