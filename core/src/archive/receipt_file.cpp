#include "archive/receipt_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra::engine {

namespace {

Result<FileDescriptor> open_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return os_error("make the folder " + quoted(folder.native()), problem.value());
  FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return os_error("open the folder " + quoted(folder.native()), errno);
  return fd;
}

Result<std::string> temporary_name() {
  std::array<std::byte, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return os_error("get random numbers", errno);
  return "receipt-" + to_hex(random) + ".tmp";
}

// RENAME_NOREPLACE is EINVAL on NFS; a link never replaces either.
int rename_without_replacing(int from, const std::string& name, int to, const std::string& as) {
  if (::renameat2(from, name.c_str(), to, as.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL) return -1;
  if (::linkat(from, name.c_str(), to, as.c_str(), 0) != 0) return -1;
  return ::unlinkat(from, name.c_str(), 0);
}

}  // namespace

Result<StagedReceipt> StagedReceipt::create(const std::filesystem::path& staging_folder) {
  StagedReceipt staged;
  CAVRA_TRY(staged.folder_, open_folder(staging_folder));
  CAVRA_TRY(const std::string name, temporary_name());
  staged.file_ = FileDescriptor(::openat(staged.folder_.get(), name.c_str(),
                                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!staged.file_) return os_error("make a file in " + quoted(staging_folder.native()), errno);
  staged.name_ = name;
  staged.hasher_ = make_sha256();
  return staged;
}

StagedReceipt::~StagedReceipt() {
  if (file_ && !name_.empty()) ::unlinkat(folder_.get(), name_.c_str(), 0);
}

Result<void> StagedReceipt::append(std::span<const std::byte> bytes) {
  hasher_->update(bytes);
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return os_error("write the receipt " + quoted(name_), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> StagedReceipt::finish() {
  sha256_ = hasher_->finish();
  struct stat seen{};
  if (::fsync(file_.get()) != 0 || ::fstat(file_.get(), &seen) != 0)
    return os_error("sync the receipt " + quoted(name_), errno);
  identity_ = FileIdentity::of(seen);
  return {};
}

Result<FileDescriptor> StagedReceipt::open() const {
  FileDescriptor fd(::openat(folder_.get(), name_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return os_error("open the receipt " + quoted(name_), errno);
  return fd;
}

Result<std::string> StagedReceipt::read() const {
  std::string text(bytes_, '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t n =
        ::pread(file_.get(), text.data() + got, text.size() - got, static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return os_error("read the receipt " + quoted(name_), n < 0 ? errno : EIO);
    got += static_cast<std::size_t>(n);
  }
  return text;
}

Result<void> StagedReceipt::check_same(const std::filesystem::path& place) const {
  const FileDescriptor there(::open(place.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!there) return os_error("open " + quoted(place.native()), errno);
  const auto hasher = make_sha256();
  std::array<std::byte, 65536> buffer{};
  while (true) {
    const ssize_t n = ::read(there.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_error("read " + quoted(place.native()), errno);
    if (n == 0) break;
    hasher->update(std::span(buffer).first(static_cast<std::size_t>(n)));
  }
  if (hasher->finish() == sha256_) return {};
  return Error{ErrorCode::conflict, quoted(place.native()) +
                                        " has other bytes than its name says; move it away and "
                                        "run again to get the receipt back"};
}

Result<std::filesystem::path> StagedReceipt::publish(const std::filesystem::path& folder) && {
  CAVRA_TRY(const FileDescriptor target, open_folder(folder));
  const std::string name = sha256_.hex() + ".json";
  const std::filesystem::path place = folder / name;
  if (rename_without_replacing(folder_.get(), name_, target.get(), name) != 0) {
    if (errno != EEXIST) return os_error("rename the receipt to " + quoted(place.native()), errno);
    CAVRA_CHECK(check_same(place));
  } else {
    name_.clear();
  }
  if (::fsync(target.get()) != 0)
    return os_error("sync the folder " + quoted(folder.native()), errno);
  return place;
}

}  // namespace cavra::engine
