#include "put.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "os_error.hpp"
#include "records.hpp"

namespace cavra::local_worm {
namespace {

Error conflict(const ObjectKey& key, std::string_view why) {
  return {
      ErrorCode::conflict,
      quoted(key.text()) + " is there already and " + std::string(why) + "; nothing was changed",
      false};
}

constexpr bool kCreated = true;
constexpr bool kAlreadyPresent = false;

sdk::PutResult outcome(bool is_created) {
  sdk::PutResult result;
  result.is_created = is_created;
  return result;
}

}  // namespace

Put::Put(PutPlace place, const sdk::Call& call, ObjectKey key, const sdk::PutRequest& request,
         sdk::Source& source, std::span<std::byte> buffer)
    : place_(std::move(place)),
      call_(call),
      key_(std::move(key)),
      request_(request),
      source_(source),
      buffer_(buffer) {}

Result<std::optional<sdk::PutResult>> Put::stage(Sync sync) {
  const Folder& folder = *place_.folder;
  auto there = open_object_in(folder, folder.keeps_names(), key_.name(), key_);
  if (there) {
    CAVRA_TRY(sdk::PutResult joined, join_existing(*there, sync));
    return std::optional(std::move(joined));
  }
  if (there.error().code != ErrorCode::not_found) return there.error();
  if (place_.folder->is_sealed()) {
    return Error{
        ErrorCode::refused,
        "put " + quoted(key_.text()) + ": its folder is sealed, and nothing comes into it any more",
        false};
  }
  CAVRA_TRY(CaseIndex::Claim claim, place_.store->names().claim(*place_.folder, key_.name()));
  claim_.emplace(std::move(claim));
  CAVRA_TRY(staged_, write_nameless_file(sync));
  return std::optional<sdk::PutResult>{};
}

Result<std::optional<sdk::PutResult>> Put::name(Sync sync) {
  if (!place_.store->is_advisory()) {
    CAVRA_CHECK(forbid_writers(staged_.get(), quoted(key_.text())));
  }
  CAVRA_CHECK(call_.check());  // the last moment to leave nothing; what follows is short
  auto named = name_file(staged_.get(), *place_.folder, key_.name(), sync);
  if (!named && named.error().code == ErrorCode::conflict) {
    // Another writer took the name while we wrote.
    const auto there = open_object(*place_.root, key_);
    if (!there) return conflict(key_, "is no object");
    CAVRA_TRY(sdk::PutResult joined, join_existing(*there, sync));
    return std::optional(std::move(joined));
  }
  if (!named) return named.error();
  claim_->keep();
  return std::optional<sdk::PutResult>{};
}

ToSeal Put::to_seal() const {
  return {.fd = staged_.get(), .what = quoted(key_.text())};
}

Result<sdk::PutResult> Put::confirm(Sync sync) {
  if (!place_.store->is_advisory()) {
    CAVRA_CHECK(confirm_sealed(staged_.get(), quoted(key_.text()), sync));
  }
  CAVRA_CHECK(hold_if_wanted());
  return outcome(kCreated);
}

Result<FileDescriptor> Put::write_nameless_file(Sync sync) {
  CAVRA_TRY(NamelessFile file, NamelessFile::create(*place_.staging, request_.length));
  CAVRA_CHECK(for_each_block(
      [&](std::uint64_t, std::span<const std::byte> block) { return file.write(block); }));
  CAVRA_CHECK(finish_source());
  CAVRA_CHECK(file.set_attributes(attributes(format_lock_attribute(wanted_attribute()))));
  return std::move(file).settle(sync);
}

Result<sdk::PutResult> Put::join_existing(const StoredObject& object, Sync sync) {
  if (object.is_sealed()) {
    if (!object.has_fitting_attribute())
      return conflict(key_, "locked, but what it says of its own bytes cannot be read");
    if (object.attribute->size != request_.length || object.attribute->sha256 != request_.sha256)
      return conflict(key_, "locked with other bytes");
    // Who locked it may have died before its flag was on disk.
    if (sync == Sync::alone) {
      if (::fsync(object.fd.get()) != 0) return os_error("fsync " + quoted(key_.text()));
      CAVRA_CHECK(sync_folder(*place_.folder));
    }
    return outcome(kAlreadyPresent);
  }
  return complete(object);
}

// Present but unlocked: of a dead writer, of one that is at it now, or foreign. With
// require "advisory", any object.
Result<sdk::PutResult> Put::complete(const StoredObject& object) {
  const std::string what = quoted(key_.text());
  const int fd = object.fd.get();
  if (object.status.size != request_.length) return conflict(key_, "has another size");
  if (!place_.store->is_advisory()) {
    CAVRA_CHECK(forbid_writers(fd, what));
  }
  CAVRA_CHECK(for_each_block([&](std::uint64_t offset, std::span<const std::byte> block) {
    return compare(fd, offset, block);
  }));
  CAVRA_CHECK(finish_source());
  // What it says of itself anybody may have written: a date as far as he likes, a time to come.
  const auto written =
      write_attributes(fd, attributes(format_lock_attribute(attribute_to_complete(object))),
                       object.status.mode & 07777U, ModifiedTime::now);
  if (!written) return refuse_unless_sealed_meanwhile(written.error());
  CAVRA_CHECK(sync_folder(*place_.folder));  // its name may not be on disk yet
  if (place_.store->is_advisory()) {
    if (::fsync(fd) != 0) return os_error("fsync " + what);
    return outcome(kAlreadyPresent);
  }
  CAVRA_CHECK(seal_file(place_.store->sealer(), fd, what, Sync::alone));
  CAVRA_CHECK(hold_if_wanted());
  return outcome(kAlreadyPresent);
}

// In an advisory store an object is never sealed: what it says is all that there is, and only
// grows.
LockAttribute Put::attribute_to_complete(const StoredObject& object) const {
  LockAttribute attribute = wanted_attribute();
  const bool is_kept = place_.store->is_advisory() && object.is_read_only() && object.attribute &&
                       object.attribute->sha256 == attribute.sha256 &&
                       object.attribute->size == attribute.size;
  return is_kept ? *object.attribute : attribute;
}

// Another writer may have sealed it since we looked: then its attributes no longer change.
Result<sdk::PutResult> Put::refuse_unless_sealed_meanwhile(const Error& error) {
  CAVRA_TRY(const StoredObject now, open_object(*place_.root, key_));
  if (!now.is_sealed() || !now.attribute || now.attribute->sha256 != request_.sha256) return error;
  return outcome(kAlreadyPresent);
}

// Hands the source's bytes over in order, block by block, once.
template <class Take>
Result<void> Put::for_each_block(Take take) {
  for (std::uint64_t offset = 0; offset < request_.length;) {
    CAVRA_CHECK(call_.check());
    const std::size_t most =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), request_.length - offset));
    CAVRA_TRY(const std::size_t got, source_.read_at(offset, buffer_.first(most)));
    if (got == 0) {
      return Error{ErrorCode::corrupt,
                   "put " + quoted(key_.text()) + ": its bytes ended at " + std::to_string(offset) +
                       " of " + std::to_string(request_.length),
                   false};
    }
    CAVRA_CHECK(take(offset, std::span<const std::byte>(buffer_.first(got))));
    offset += got;
  }
  return call_.check();
}

Result<void> Put::compare(int fd, std::uint64_t offset, std::span<const std::byte> expected) {
  stored_.resize(buffer_.size());
  std::size_t have = 0;
  while (have < expected.size()) {
    const ssize_t got = ::pread(fd, stored_.data() + have, expected.size() - have,
                                static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error("read " + quoted(key_.text()));
    if (got == 0) return conflict(key_, "has another size");
    have += static_cast<std::size_t>(got);
  }
  if (std::memcmp(stored_.data(), expected.data(), expected.size()) != 0)
    return conflict(key_, "has other bytes");
  return {};
}

// The host gives its verdict once (cavra_source.finish), whichever way this put takes.
Result<void> Put::finish_source() {
  if (is_source_finished_) return {};
  CAVRA_CHECK(source_.finish());
  is_source_finished_ = true;
  return {};
}

Result<void> Put::hold_if_wanted() {
  if (!request_.lock.legal_hold) return {};
  return add_record(*place_.store, *place_.root, key_, Act::hold, std::nullopt);
}

LockAttribute Put::wanted_attribute() const {
  return {.retain_until_unix_s = request_.lock.retain_until_unix_s,
          .size = request_.length,
          .sha256 = request_.sha256};
}
FileAttributes Put::attributes(std::string lock) const {
  return {
      .lock = std::move(lock),
      .media_type = request_.media_type,
      .metadata = request_.metadata_json,
      .access_time_unix_s = request_.lock.retain_until_unix_s.value_or(FileAttributes::kNoTime)};
}

Result<sdk::PutResult> put_object(StoreRoot& store, const sdk::Call& call, const ObjectKey& key,
                                  const sdk::PutRequest& request, sdk::Source& source,
                                  std::span<std::byte> buffer) {
  CAVRA_TRY(const Folder root, store.make());
  // Also where the object is there: a dead writer may have left a folder without its flag.
  CAVRA_TRY(Folder folder, store.make_folders(root, key.folders()));
  CAVRA_TRY(Folder staging, open_staging(root));
  Put put({.store = &store,
           .root = &root,
           .folder = std::make_shared<const Folder>(std::move(folder)),
           .staging = std::make_shared<const Folder>(std::move(staging))},
          call, key, request, source, buffer);
  CAVRA_TRY(const auto there, put.stage(Sync::alone));
  if (there) return *there;
  CAVRA_TRY(const auto joined, put.name(Sync::alone));
  if (joined) return *joined;
  if (!store.is_advisory()) {
    const ToSeal file = put.to_seal();
    CAVRA_CHECK(store.sealer().make_immutable(file.fd, file.what));
  }
  return put.confirm(Sync::alone);
}

}  // namespace cavra::local_worm
