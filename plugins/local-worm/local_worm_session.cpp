#include "local_worm_session.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "ground.hpp"
#include "lock_attempt.hpp"
#include "os_error.hpp"
#include "put.hpp"
#include "put_batch.hpp"
#include "records.hpp"
#include "seal_tree.hpp"
#include "sealing_thread.hpp"

namespace cavra::local_worm {
namespace {

Error refused(std::string message) {
  return {ErrorCode::refused, std::move(message), false};
}

// What each call begins with. A session may be called by a thread that it was not opened by.
Result<void> enter(const sdk::Call& call) {
  CAVRA_CHECK(SealingThread::take_privilege());
  return call.check();
}

Result<void> check_date(std::int64_t unix_s) {
  if (unix_s >= kMinUnixSeconds && unix_s <= kMaxUnixSeconds) return {};
  return refused("this store holds dates of the years 1 to 9999 only");
}

}  // namespace

Result<void> LocalWormSession::check_request(const sdk::PutRequest& request,
                                             const sdk::Source& source) const {
  CAVRA_CHECK(check_lock(request.lock));
  if (source.length() != request.length)
    return Error{ErrorCode::usage, "put: the source and the request differ in length", false};
  return {};
}

LocalWormSession::LocalWormSession(LocalWormStore& store) : store_(store), root_(store.root()) {}

std::span<std::byte> LocalWormSession::buffer() {
  buffer_.resize(store_.buffer_bytes());
  return buffer_;
}

Result<void> LocalWormSession::check_lock(const sdk::Lock& lock) const {
  if (lock.mode > sdk::LockMode::governance) {
    return refused(
        "this store cannot lock in compliance mode: privilege can lift its locks, so "
        "they are \"governance\"; ask for that, or use another store");
  }
  if (lock.mode > sdk::LockMode::advisory && root_.is_advisory()) {
    return refused(
        "this store locks nothing: its \"require\" is \"advisory\"; set it to "
        "\"filesystem\", or ask for mode \"advisory\"");
  }
  if (lock.retain_until_unix_s) return check_date(*lock.retain_until_unix_s);
  return {};
}

Result<LocalWormSession::Place> LocalWormSession::place_of(const sdk::Call& call,
                                                           std::string_view text,
                                                           std::string_view version) {
  CAVRA_CHECK(enter(call));
  CAVRA_TRY(ObjectKey key, ObjectKey::parse(text));
  const Error nothing{ErrorCode::not_found, "there is no object " + quoted(text), false};
  if (!version.empty()) return nothing;  // this store has no versions
  CAVRA_TRY(std::optional<Folder> root, root_.find());
  if (!root) return nothing;
  return Place{*std::move(root), std::move(key)};
}

Result<LocalWormSession::Found> LocalWormSession::find(const sdk::Call& call, std::string_view text,
                                                       std::string_view version) {
  CAVRA_TRY(Place place, place_of(call, text, version));
  CAVRA_TRY(StoredObject object, open_object(place.root, place.key));
  return Found{std::move(place), std::move(object)};
}

Result<LocalWormSession::Found> LocalWormSession::find_locked(const sdk::Call& call,
                                                              std::string_view key,
                                                              std::string_view version) {
  CAVRA_TRY(Found found, find(call, key, version));
  if (!found.object.is_complete(root_.settings().require)) {
    return refused("the lock of " + quoted(key) +
                   " cannot be changed: it is not locked yet; put it again, which compares its "
                   "bytes and completes it");
  }
  return found;
}

Result<sdk::PutResult> LocalWormSession::put(const sdk::Call& call, const sdk::PutRequest& request,
                                             sdk::Source& source) {
  CAVRA_CHECK(enter(call));
  CAVRA_TRY(const ObjectKey key, ObjectKey::parse(request.key));
  CAVRA_CHECK(check_request(request, source));
  CAVRA_CHECK(store_.require_ground());
  return put_object(root_, call, key, request, source, buffer());
}

Result<void> LocalWormSession::put_many(const sdk::Call& call, std::span<sdk::PutItem> items) {
  CAVRA_CHECK(enter(call));
  for (const sdk::PutItem& item : items)
    CAVRA_CHECK(check_request(item.request, item.source));
  CAVRA_CHECK(store_.require_ground());
  CAVRA_TRY(Folder root, root_.make());
  // One opened before stays: it knows of the errors since then.
  if (!unsynced_) unsynced_ = std::move(root);
  put_batch(root_, *unsynced_, call, items, store_.lot_objects(), buffer());
  return {};
}

Result<void> LocalWormSession::barrier(const sdk::Call& call) {
  CAVRA_CHECK(enter(call));
  if (!unsynced_) return {};
  CAVRA_CHECK(sync_file_system(*unsynced_));
  unsynced_.reset();
  return {};
}

Result<sdk::ObjectInfo> LocalWormSession::stat(const sdk::Call& call, std::string_view key,
                                               std::string_view version) {
  CAVRA_TRY(const Found found, find(call, key, version));
  CAVRA_TRY(const RecordSummary records, read_records(root_, found.place.root, found.place.key));
  const Require require = root_.settings().require;
  return sdk::ObjectInfo{.length = found.object.status.size,
                         .sha256 = std::nullopt,  // what put() noted is not the store's own digest
                         .stored_at_unix_s = found.object.status.modified_unix_s,
                         .lock = lock_of(found.object, records, require),
                         .is_complete = found.object.is_complete(require),
                         .version = {}};
}

Result<void> LocalWormSession::get(const sdk::Call& call, std::string_view key,
                                   std::string_view version, std::uint64_t offset,
                                   sdk::Sink& sink) {
  CAVRA_TRY(const Place place, place_of(call, key, version));
  CAVRA_TRY(const OpenedFile file, open_object_file(place.root, place.key.text(), place.key));
  const int fd = file.fd.get();
  // So that the bytes come from the disk and show what it has. Pages that are dirty or mapped stay;
  // those of a sealed object are neither.
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  const std::span<std::byte> block = buffer();
  for (std::uint64_t at = offset; at < file.status.size;) {
    CAVRA_CHECK(call.check());
    const ssize_t got = ::pread(fd, block.data(), block.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read " + quoted(key) + " at byte " + std::to_string(at));
    if (got == 0) return {};
    CAVRA_CHECK(sink.write(block.first(static_cast<std::size_t>(got))));
    at += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<std::string> LocalWormSession::list(const sdk::Call& call, const sdk::ListRequest& request,
                                           sdk::ListSink& sink) {
  CAVRA_CHECK(enter(call));
  CAVRA_TRY(const std::optional<Folder> root, root_.find());
  if (!root) return std::string();
  const bool goes_on = listing_ && !request.cursor.empty() &&
                       request.prefix == listing_->prefix() && request.cursor == listing_->last();
  Listing listing =
      goes_on ? *std::exchange(listing_, std::nullopt) : Listing(request.prefix, request.cursor);
  listing_.reset();
  for (std::uint32_t told = 0; told < request.limit; ++told) {
    CAVRA_TRY(const auto object, listing.next(call, *root));
    if (!object) return std::string();
    CAVRA_CHECK(sink.entry({.key = object->key,
                            .version = {},
                            .length = object->length,
                            .stored_at_unix_s = object->modified_unix_s}));
  }
  std::string cursor = listing.last();
  listing_ = std::move(listing);
  return cursor;
}

Result<void> LocalWormSession::raise_lock(const sdk::Call& call, std::string_view key,
                                          std::string_view version, const sdk::Lock& lock) {
  CAVRA_TRY(const Found found, find_locked(call, key, version));
  const Require require = root_.settings().require;
  CAVRA_TRY(const RecordSummary records, read_records(root_, found.place.root, found.place.key));
  const sdk::Lock in_force = lock_of(found.object, records, require);
  if (lock.mode > in_force.mode) {
    CAVRA_CHECK(check_lock(lock));
    return refused("the lock of " + quoted(key) + " cannot be made stronger than it is");
  }
  const auto until = lock.retain_until_unix_s;
  if (until && (!in_force.retain_until_unix_s || *until > *in_force.retain_until_unix_s)) {
    CAVRA_CHECK(check_date(*until));
    CAVRA_CHECK(add_record(root_, found.place.root, found.place.key, Act::extend, until));
  }
  if (!lock.legal_hold || in_force.legal_hold) return {};
  return add_record(root_, found.place.root, found.place.key, Act::hold, std::nullopt);
}

Result<void> LocalWormSession::set_hold(const sdk::Call& call, std::string_view key,
                                        std::string_view version) {
  CAVRA_TRY(const Found found, find_locked(call, key, version));
  return add_record(root_, found.place.root, found.place.key, Act::hold, std::nullopt);
}

Result<void> LocalWormSession::clear_hold(const sdk::Call& call, std::string_view key,
                                          std::string_view version) {
  CAVRA_TRY(const Found found, find_locked(call, key, version));
  CAVRA_TRY(const RecordSummary records, read_records(root_, found.place.root, found.place.key));
  if (!records.is_held) return {};
  return add_record(root_, found.place.root, found.place.key, Act::release, std::nullopt);
}

Result<void> LocalWormSession::probe(const sdk::Call& call, sdk::ProbeSink& sink) {
  CAVRA_CHECK(enter(call));
  CAVRA_TRY(const std::vector<GroundFinding> findings, examine_ground(root_));
  for (const GroundFinding& finding : findings) {
    CAVRA_CHECK(
        sink.item({.verdict = finding.verdict, .name = finding.name, .message = finding.message}));
  }
  return {};
}

Result<void> LocalWormSession::seal(const sdk::Call& call, std::string_view prefix) {
  CAVRA_CHECK(enter(call));
  CAVRA_TRY(const std::vector<std::string> parts, parse_folder_prefix(prefix));
  CAVRA_TRY(const std::optional<Folder> root, root_.find());
  if (!root) return Error{ErrorCode::not_found, "there is no folder " + quoted(prefix), false};
  if (root_.is_advisory()) return {};  // there is nothing that would hold
  return seal_tree(root_.sealer(), call, *root, parts);
}

Result<sdk::AttemptOutcome> LocalWormSession::attempt(const sdk::Call& call, sdk::Attempt act,
                                                      std::string_view key,
                                                      std::string_view version) {
  CAVRA_TRY(const ObjectKey probe, ObjectKey::parse(key));
  if (probe.folders().empty() || probe.folders().front() != kProbeFolder) {
    return refused("nothing tries to break the lock of " + quoted(key) +
                   ": that is for objects below \"cavra-probe/\" alone");
  }
  CAVRA_TRY(const Place place, place_of(call, key, version));
  return attempt_on_lock(place.root, place.key, act);
}

}  // namespace cavra::local_worm
