#include "bundle/hashing_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"
#include "files/write_all.hpp"

namespace cavra {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

}  // namespace

HashingFile::HashingFile(FileDescriptor fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)), hasher_(make_sha256()) {
  buffer_.reserve(kBufferBytes);
}

Result<HashingFile> HashingFile::create(int folder, std::string path) {
  FileDescriptor fd(
      ::openat(folder, path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return os_error("make " + quoted(path), errno);
  return HashingFile(std::move(fd), std::move(path));
}

Result<void> HashingFile::append(std::string_view text) {
  return append(as_bytes(text));
}

Result<void> HashingFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (buffer_.size() == kBufferBytes) CAVRA_CHECK(flush());
    const std::size_t size = std::min(bytes.size(), kBufferBytes - buffer_.size());
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
  }
  return {};
}

Result<void> HashingFile::append_from(const HashingFile& from, std::uint64_t offset,
                                      std::uint64_t length) {
  std::vector<std::byte> block(kBufferBytes);
  while (length > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, block.size()));
    const ssize_t got = ::pread(from.fd_.get(), block.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return os_error("read back " + quoted(from.path_), got < 0 ? errno : EIO);
    const auto size = static_cast<std::size_t>(got);
    CAVRA_CHECK(append(std::span(block).first(size)));
    offset += size;
    length -= size;
  }
  return {};
}

Result<void> HashingFile::flush() {
  hasher_->update(buffer_);
  CAVRA_CHECK(write_all(fd_.get(), buffer_, quoted(path_)));
  bytes_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<WrittenFile> HashingFile::finish() {
  CAVRA_CHECK(flush());
  fd_.reset();
  return WrittenFile{path_, hasher_->finish(), bytes_};
}

}  // namespace cavra
