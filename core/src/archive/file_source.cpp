#include "archive/file_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra::engine {

FileSource::FileSource(FileOpener open, const FileIdentity& identity, const Digest& sha256,
                       std::string name, std::unique_ptr<Hasher> hasher,
                       std::function<void(std::uint64_t)> on_bytes)
    : open_(std::move(open)),
      identity_(identity),
      sha256_(sha256),
      name_(std::move(name)),
      hasher_(std::move(hasher)),
      on_bytes_(std::move(on_bytes)) {}

Result<void> FileSource::open() {
  if (!file_) {
    CAVRA_TRY(file_, open_());
  }
  return {};
}

Error FileSource::changed(std::string_view how) const {
  return {ErrorCode::corrupt, quoted(name_) + " changed since it was verified: " +
                                  std::string(how) + "; verify the bundle again"};
}

Result<void> FileSource::check_unchanged() const {
  struct stat seen{};
  if (::fstat(file_.get(), &seen) != 0) return os_error("look at " + quoted(name_), errno);
  if (!(FileIdentity::of(seen) == identity_)) return changed("it was written to");
  return {};
}

Result<std::size_t> FileSource::read_at(std::uint64_t offset, std::span<std::byte> buffer) {
  if (offset > hashed_)
    return Error{ErrorCode::internal, "the plugin read " + quoted(name_) + " from byte " +
                                          std::to_string(offset) + ", and has had only " +
                                          std::to_string(hashed_) + " bytes so far"};
  CAVRA_CHECK(open());
  const std::size_t wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), identity_.size - offset));
  std::size_t got = 0;
  while (got < wanted) {
    const ssize_t n =
        ::pread(file_.get(), buffer.data() + got, wanted - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_error("read " + quoted(name_), errno);
    if (n == 0) return changed("it ends at byte " + std::to_string(offset + got));
    got += static_cast<std::size_t>(n);
  }
  // What was hashed before must still be that, as it is sent now: also after the verdict, which is
  // given once.
  if (offset < hashed_) CAVRA_CHECK(check_unchanged());
  // A retry may read over the end of what was hashed: only what is new is hashed.
  if (const std::uint64_t end = offset + got; end > hashed_) {
    const auto fresh = buffer.first(got).subspan(static_cast<std::size_t>(hashed_ - offset));
    hasher_->update(fresh);
    hashed_ = end;
    if (on_bytes_) on_bytes_(fresh.size());
  }
  return got;
}

Result<void> FileSource::finish() {
  if (hashed_ != identity_.size)
    return Error{ErrorCode::internal, "the plugin finished " + quoted(name_) + " after " +
                                          std::to_string(hashed_) + " of " +
                                          std::to_string(identity_.size) + " bytes"};
  CAVRA_CHECK(open());
  CAVRA_CHECK(check_unchanged());
  file_.reset();
  if (!digest_) digest_ = hasher_->finish();
  if (*digest_ != sha256_) return changed("its SHA-256 is now " + digest_->hex());
  return {};
}

}  // namespace cavra::engine
