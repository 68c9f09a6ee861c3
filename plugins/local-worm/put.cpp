#include "put.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "durable_file.hpp"
#include "os_error.hpp"
#include "records.hpp"
#include "stored_object.hpp"

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

// One put under way.
class Putting {
 public:
  Putting(StoreRoot& store, const sdk::Call& call, const ObjectKey& key,
          const sdk::PutRequest& request, sdk::Source& source, std::span<std::byte> buffer)
      : store_(store),
        call_(call),
        key_(key),
        request_(request),
        source_(source),
        buffer_(buffer) {}

  Result<sdk::PutResult> run() {
    CAVRA_TRY(const Folder root, store_.make());
    // Also where the object is there: a dead writer may have left a folder without its flag.
    CAVRA_TRY(const Folder folder, store_.make_folders(root, key_.folders()));
    auto there = open_object(root, key_);
    if (there) return join_existing(root, folder, *there);
    if (there.error().code != ErrorCode::not_found) return there.error();
    if (folder.is_sealed()) {
      return Error{ErrorCode::refused,
                   "put " + quoted(key_.text()) +
                       ": its folder is sealed, and nothing comes into it any more",
                   false};
    }
    CAVRA_TRY(CaseIndex::Claim claim, store_.names().claim(folder, key_.name()));
    auto created = create(root, folder);
    if (created) claim.keep();
    if (created || created.error().code != ErrorCode::conflict) return created;
    // Another writer took the name while we wrote.
    there = open_object(root, key_);
    if (!there) return conflict(key_, "is no object");
    return join_existing(root, folder, *there);
  }

 private:
  Result<sdk::PutResult> create(const Folder& root, const Folder& folder) {
    const std::string what = quoted(key_.text());
    CAVRA_TRY(const FileDescriptor fd, stage(root));
    if (!store_.is_advisory()) {
      CAVRA_CHECK(forbid_writers(fd.get(), what));
    }
    CAVRA_CHECK(call_.check());  // the last moment to leave nothing; what follows is short
    CAVRA_CHECK(publish(fd.get(), folder, key_.name()));
    if (!store_.is_advisory()) {
      CAVRA_CHECK(seal_file(store_.sealer(), fd.get(), what));
    }
    CAVRA_CHECK(hold_if_wanted(root));
    return outcome(kCreated);
  }

  // The bytes and attributes in a file without a name, on disk; open read-only.
  Result<FileDescriptor> stage(const Folder& root) {
    CAVRA_TRY(const Folder staging, open_staging(root));
    CAVRA_TRY(NamelessFile file, NamelessFile::create(staging, request_.length));
    CAVRA_CHECK(for_each_block(
        [&](std::uint64_t, std::span<const std::byte> block) { return file.write(block); }));
    CAVRA_CHECK(finish_source());
    CAVRA_CHECK(file.set_attributes(attributes(format_lock_attribute(wanted_attribute()))));
    return std::move(file).settle();
  }

  Result<sdk::PutResult> join_existing(const Folder& root, const Folder& folder,
                                       const StoredObject& object) {
    if (object.is_sealed()) {
      if (!object.has_fitting_attribute())
        return conflict(key_, "locked, but what it says of its own bytes cannot be read");
      if (object.attribute->size != request_.length || object.attribute->sha256 != request_.sha256)
        return conflict(key_, "locked with other bytes");
      return outcome(kAlreadyPresent);
    }
    return complete(root, folder, object);
  }

  // Present but unlocked: of a dead writer, of one that is at it now, or foreign. With
  // require "advisory", any object.
  Result<sdk::PutResult> complete(const Folder& root, const Folder& folder,
                                  const StoredObject& object) {
    const std::string what = quoted(key_.text());
    const int fd = object.fd.get();
    if (object.status.size != request_.length) return conflict(key_, "has another size");
    if (!store_.is_advisory()) {
      CAVRA_CHECK(forbid_writers(fd, what));
    }
    CAVRA_CHECK(for_each_block([&](std::uint64_t offset, std::span<const std::byte> block) {
      return compare(fd, offset, block);
    }));
    CAVRA_CHECK(finish_source());
    LockAttribute attribute = wanted_attribute();
    const bool is_ours = object.attribute && object.attribute->sha256 == attribute.sha256 &&
                         object.attribute->size == attribute.size;
    // A weaker date that fits the bytes stays: raise_lock is for that.
    if (!is_ours || !object.is_read_only()) {
      if (is_ours) attribute = *object.attribute;
      const auto written = write_attributes(fd, attributes(format_lock_attribute(attribute)),
                                            object.status.mode & 07555U);
      if (!written) return refuse_unless_sealed_meanwhile(root, written.error());
    }
    CAVRA_CHECK(sync_folder(folder));  // its name may not be on disk yet
    if (store_.is_advisory()) {
      if (::fsync(fd) != 0) return os_error("fsync " + what);
      return outcome(kAlreadyPresent);
    }
    CAVRA_CHECK(seal_file(store_.sealer(), fd, what));
    CAVRA_CHECK(hold_if_wanted(root));
    return outcome(kAlreadyPresent);
  }

  // Another writer may have sealed it since we looked: then its attributes no longer change.
  Result<sdk::PutResult> refuse_unless_sealed_meanwhile(const Folder& root, const Error& error) {
    CAVRA_TRY(const StoredObject now, open_object(root, key_));
    if (!now.is_sealed() || !now.attribute || now.attribute->sha256 != request_.sha256)
      return error;
    return outcome(kAlreadyPresent);
  }

  // Hands the source's bytes over in order, block by block, once.
  template <class Take>
  Result<void> for_each_block(Take take) {
    for (std::uint64_t offset = 0; offset < request_.length;) {
      CAVRA_CHECK(call_.check());
      const std::size_t most = static_cast<std::size_t>(
          std::min<std::uint64_t>(buffer_.size(), request_.length - offset));
      CAVRA_TRY(const std::size_t got, source_.read_at(offset, buffer_.first(most)));
      if (got == 0) {
        return Error{ErrorCode::corrupt,
                     "put " + quoted(key_.text()) + ": its bytes ended at " +
                         std::to_string(offset) + " of " + std::to_string(request_.length),
                     false};
      }
      CAVRA_CHECK(take(offset, std::span<const std::byte>(buffer_.first(got))));
      offset += got;
    }
    return call_.check();
  }

  Result<void> compare(int fd, std::uint64_t offset, std::span<const std::byte> expected) {
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
  Result<void> finish_source() {
    if (is_source_finished_) return {};
    CAVRA_CHECK(source_.finish());
    is_source_finished_ = true;
    return {};
  }

  Result<void> hold_if_wanted(const Folder& root) {
    if (!request_.lock.legal_hold) return {};
    return add_record(store_, root, key_, Act::hold, std::nullopt);
  }

  [[nodiscard]] LockAttribute wanted_attribute() const {
    return {.retain_until_unix_s = request_.lock.retain_until_unix_s,
            .size = request_.length,
            .sha256 = request_.sha256};
  }
  [[nodiscard]] FileAttributes attributes(std::string lock) const {
    return {
        .lock = std::move(lock),
        .media_type = request_.media_type,
        .metadata = request_.metadata_json,
        .access_time_unix_s = request_.lock.retain_until_unix_s.value_or(FileAttributes::kNoTime)};
  }

  StoreRoot& store_;
  const sdk::Call& call_;
  const ObjectKey& key_;
  const sdk::PutRequest& request_;
  sdk::Source& source_;
  std::span<std::byte> buffer_;
  std::vector<std::byte> stored_;
  bool is_source_finished_ = false;
};

}  // namespace

Result<sdk::PutResult> put_object(StoreRoot& store, const sdk::Call& call, const ObjectKey& key,
                                  const sdk::PutRequest& request, sdk::Source& source,
                                  std::span<std::byte> buffer) {
  return Putting(store, call, key, request, source, buffer).run();
}

}  // namespace cavra::local_worm
