#include "s3_session.hpp"

#include <utility>

#include "bucket_probe.hpp"
#include "cavra/support/encoding.hpp"
#include "cloud/reading.hpp"
#include "lock_attempt.hpp"
#include "object_listing.hpp"
#include "object_put.hpp"
#include "own_version.hpp"
#include "put_rivals.hpp"
#include "raise_lock.hpp"

namespace cavra::s3 {

Result<sdk::PutResult> S3Session::put(const sdk::Call& call, const sdk::PutRequest& request,
                                      sdk::Source& source) {
  sdk::PutItem item(request, source);
  CAVRA_CHECK(put_many(call, {&item, 1}));
  return std::move(item.result);
}

Result<sdk::PutResult> S3Session::put_one(const Asking& ask, sdk::PutItem& item) {
  CAVRA_CHECK(store_.check_rule(*session_, ask.call, item.request.lock));
  const PutTools tools{store_.settings(), store_.put_state()};
  return ObjectPut(ask, tools, item.request, item.source).run();
}

// What failed once will fail for the others, too, and each would try for long.
Result<void> S3Session::put_many(const sdk::Call& call, std::span<sdk::PutItem> items) {
  const Asking ask = asking(call);
  std::vector<MadeVersion> made;
  std::optional<Error> failure;
  for (sdk::PutItem& item : items) {
    item.result = failure ? Result<sdk::PutResult>(*failure) : put_one(ask, item);
    if (!item.result)
      failure = Error{item.result.error().code, "not tried, as one before it failed"};
    else if (item.result->is_created)
      made.push_back({&item.request, &*item.result});
  }
  if (failure || store_.service().address().is_aws()) return {};
  auto named = name_the_oldest(ask, made);
  if (named) return {};
  for (sdk::PutItem& item : items)
    if (item.result && item.result->is_created) item.result = named.error();
  return {};
}

// A header that is missing is no answer: it may be that we have no right to see it.
Result<sdk::Lock> S3Session::lock_shown_by(const Asking& ask, std::string_view key,
                                           const ShownVersion& shown) {
  sdk::Lock lock;
  if (shown.lock.retention) {
    lock = *shown.lock.retention;
  } else {
    CAVRA_TRY(lock, get_retention(ask, key, shown.version));
  }
  if (shown.lock.legal_hold) {
    store_.note_shows_holds();
    lock.legal_hold = *shown.lock.legal_hold;
  } else if (!store_.shows_holds()) {
    CAVRA_TRY(lock.legal_hold, get_legal_hold(ask, key, shown.version));
    // It answered, so it would show one.
    store_.note_shows_holds();
  }
  return lock;
}

Result<sdk::ObjectInfo> S3Session::stat(const sdk::Call& call, std::string_view key,
                                        std::string_view version) {
  const Asking ask = asking(call);
  auto shown = head_version(ask, key, version);
  if (!shown) {
    // Its answer has no body; this one's has.
    if (shown.error().code != ErrorCode::cancelled && shown.error().code != ErrorCode::timeout &&
        !shown.error().retryable)
      CAVRA_CHECK(get_retention(ask, key, version));
    return std::move(shown).error();
  }
  return info_of(ask, key, version, *std::move(shown));
}

Result<sdk::ObjectInfo> S3Session::info_of(const Asking& ask, std::string_view key,
                                           std::string_view version, ShownVersion shown) {
  if (!version.empty() && !shown.version.empty() && shown.version != version)
    return Error{ErrorCode::unproven,
                 quoted(key) + ": asked for one version, the service answered with another one"};
  sdk::ObjectInfo info;
  info.length = shown.length;
  info.sha256 = shown.checked_sha256;
  info.stored_at_unix_s = shown.stored_at_unix_s;
  CAVRA_TRY(info.lock, lock_shown_by(ask, key, shown));
  info.is_latest.reset();  // a listing would have to tell
  info.version = shown.version.empty() ? std::string(version) : std::move(shown.version);
  return info;
}

Result<void> S3Session::get(const sdk::Call& call, std::string_view key, std::string_view version,
                            std::uint64_t offset, sdk::Sink& sink) {
  CAVRA_TRY([[maybe_unused]] const http::Response head,
            read_from(asking(call), key, version, offset, sink));
  return {};
}

Result<sdk::ObjectInfo> S3Session::read(const sdk::Call& call, std::string_view key,
                                        std::string_view version, sdk::Sink& sink) {
  const Asking ask = asking(call);
  CAVRA_TRY(const http::Response head, read_from(ask, key, version, 0, sink));
  CAVRA_TRY(ShownVersion shown, shown_version(ask.service, head));
  return info_of(ask, key, version, std::move(shown));
}

// The head of the first answer: that which goes on after a break has another length.
Result<http::Response> S3Session::read_from(const Asking& ask, std::string_view key,
                                            std::string_view version, std::uint64_t offset,
                                            sdk::Sink& sink) {
  std::string pinned(version);
  if (pinned.empty()) {
    // What is the latest may be another one when it goes on after a break.
    CAVRA_TRY(const ShownVersion latest, head_version(ask, key, {}));
    pinned = latest.version;
  }
  std::optional<http::Response> first;
  cloud::Reading reading(key, offset, sink);
  CAVRA_TRY(http::Response response,
            ask({.doing = "read",
                 .action = "s3:GetObjectVersion",
                 .method = "GET",
                 .key = std::string(key),
                 .query = version_query(pinned),
                 .headers = {{"x-amz-checksum-mode", "ENABLED"}},
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
                         headers.add("range", std::move(range));
                       return headers;
                     }}));
  if (response.status == 416) {
    // From the end on there is nothing, which is no range.
    CAVRA_TRY(const ShownVersion whole, head_version(ask, key, pinned));
    if (whole.length != reading.at())
      return to_error(service_error(response), "read " + quoted(key), "s3:GetObjectVersion");
  }
  // Of an answer without bytes nobody has looked at the head.
  return first ? *std::move(first) : std::move(response);
}

Result<std::string> S3Session::list(const sdk::Call& call, const sdk::ListRequest& request,
                                    sdk::ListSink& sink) {
  return list_objects(asking(call), request, sink);
}

Result<void> S3Session::raise_lock(const sdk::Call& call, std::string_view key,
                                   std::string_view version, const sdk::Lock& lock) {
  return s3::raise_lock(asking(call), key, version, lock);
}

Result<void> S3Session::set_hold(const sdk::Call& call, std::string_view key,
                                 std::string_view version) {
  return put_legal_hold(asking(call), key, version, true);
}

Result<void> S3Session::clear_hold(const sdk::Call& call, std::string_view key,
                                   std::string_view version) {
  return put_legal_hold(asking(call), key, version, false);
}

Result<void> S3Session::probe(const sdk::Call& call, sdk::ProbeSink& sink) {
  return BucketProbe(asking(call), store_.settings(), sink).run();
}

// By now every key below it has its object, so no upload there is needed. What may not be aborted
// costs space and is told by a listing: no reason to fail an archive.
Result<void> S3Session::seal(const sdk::Call& call, std::string_view prefix) {
  const Asking ask = asking(call);
  auto ended = for_each_upload(ask, prefix, [&](const ListedUpload& upload) -> Result<void> {
    CAVRA_TRY([[maybe_unused]] const http::Response response,
              ask({.doing = "abort an upload of",
                   .action = "s3:AbortMultipartUpload",
                   .method = "DELETE",
                   .key = upload.key,
                   .query = {{"uploadId", upload.id}},
                   .answers = {404}}));
    return {};
  });
  if (!ended && ended.error().code != ErrorCode::forbidden) return ended;
  return {};
}

Result<sdk::AttemptOutcome> S3Session::attempt(const sdk::Call& call, sdk::Attempt act,
                                               std::string_view key, std::string_view version) {
  return attempt_on_lock(asking(call), store_.settings(), act, key, version);
}

}  // namespace cavra::s3
