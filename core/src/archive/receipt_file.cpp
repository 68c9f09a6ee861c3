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
#include "files/write_all.hpp"

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

// The folder, and the one above: this run or a dead one may have made the folder itself. A parent
// that may not be read is left to the system.
Result<void> sync_with_its_name(const FileDescriptor& folder, const std::filesystem::path& name) {
  const FileDescriptor above(::openat(folder.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::fsync(folder.get()) != 0 || (above && ::fsync(above.get()) != 0))
    return os_error("sync the folder " + quoted(name.native()), errno);
  return {};
}

Result<std::string> temporary_name() {
  std::array<std::byte, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return os_error("get random numbers", errno);
  return "receipt-" + to_hex(random) + ".tmp";
}

// A file system or a kernel that does not know O_TMPFILE; EISDIR is open(2)'s word for it.
bool says_no_nameless_files(int error) {
  return error == EOPNOTSUPP || error == EISDIR || error == EINVAL;
}

// The one way to open and name a file that has no name: linkat with AT_EMPTY_PATH needs
// CAP_DAC_READ_SEARCH before Linux 6.10.
std::string path_of(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

// RENAME_NOREPLACE is EINVAL on NFS; a link never replaces either.
int rename_without_replacing(int from, const std::string& name, int to, const std::string& as) {
  if (::renameat2(from, name.c_str(), to, as.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL) return -1;
  if (::linkat(from, name.c_str(), to, as.c_str(), 0) != 0) return -1;
  return ::unlinkat(from, name.c_str(), 0);
}

}  // namespace

Result<StagedReceipt> StagedReceipt::create(const ReceiptFolders& folders) {
  StagedReceipt staged;
  staged.receipts_folder_ = folders.receipts;
  staged.hasher_ = make_sha256();
  CAVRA_TRY(staged.receipts_, open_folder(folders.receipts));
  staged.file_ =
      FileDescriptor(::openat(staged.receipts_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0644));
  if (!staged.file_ && !says_no_nameless_files(errno))
    return os_error("make a file in " + quoted(folders.receipts.native()), errno);
  const bool can_be_named =
      staged.file_ && ::access(path_of(staged.file_.get()).c_str(), F_OK) == 0;  // /proc is there
  if (!can_be_named) CAVRA_CHECK(staged.make_named(folders.staging));
  return staged;
}

Result<void> StagedReceipt::make_named(const std::filesystem::path& staging_folder) {
  CAVRA_TRY(staging_, open_folder(staging_folder));
  CAVRA_TRY(const std::string name, temporary_name());
  file_ = FileDescriptor(::openat(staging_.get(), name.c_str(),
                                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file_) return os_error("make a file in " + quoted(staging_folder.native()), errno);
  temporary_name_ = name;
  return {};
}

StagedReceipt::~StagedReceipt() {
  if (file_ && !temporary_name_.empty()) ::unlinkat(staging_.get(), temporary_name_.c_str(), 0);
}

Result<void> StagedReceipt::append(std::span<const std::byte> bytes) {
  hasher_->update(bytes);
  bytes_ += bytes.size();
  return write_all(file_.get(), bytes, "the receipt");
}

Result<void> StagedReceipt::finish() {
  sha256_ = hasher_->finish();
  struct stat seen{};
  if (::fsync(file_.get()) != 0 || ::fstat(file_.get(), &seen) != 0)
    return os_error("sync the receipt", errno);
  identity_ = FileIdentity::of(seen);
  return {};
}

Result<FileDescriptor> StagedReceipt::open() const {
  FileDescriptor fd =
      temporary_name_.empty()
          ? FileDescriptor(::open(path_of(file_.get()).c_str(), O_RDONLY | O_CLOEXEC))
          : FileDescriptor(::openat(staging_.get(), temporary_name_.c_str(),
                                    O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return os_error("open the receipt", errno);
  return fd;
}

Result<std::string> StagedReceipt::read() const {
  std::string text(bytes_, '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t n =
        ::pread(file_.get(), text.data() + got, text.size() - got, static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return os_error("read the receipt", n < 0 ? errno : EIO);
    got += static_cast<std::size_t>(n);
  }
  return text;
}

Result<void> StagedReceipt::check_same(const std::filesystem::path& place) const {
  const Error differs{ErrorCode::conflict,
                      quoted(place.native()) +
                          " has other bytes than its name says; move it away and run again to get "
                          "the receipt back"};
  const FileDescriptor there(::open(place.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!there) return os_error("open " + quoted(place.native()), errno);
  struct stat seen{};
  if (::fstat(there.get(), &seen) != 0) return os_error("look at " + quoted(place.native()), errno);
  // A pipe would be waited for, a longer file read to its end.
  if (!S_ISREG(seen.st_mode) || static_cast<std::uint64_t>(seen.st_size) != bytes_) return differs;
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
  return differs;
}

int StagedReceipt::name_it(const std::string& name) const {
  if (!temporary_name_.empty())
    return rename_without_replacing(staging_.get(), temporary_name_, receipts_.get(), name);
  return ::linkat(AT_FDCWD, path_of(file_.get()).c_str(), receipts_.get(), name.c_str(),
                  AT_SYMLINK_FOLLOW);
}

Result<std::filesystem::path> StagedReceipt::publish() && {
  const std::string name = sha256_.hex() + ".json";
  const std::filesystem::path place = receipts_folder_ / name;
  if (name_it(name) == 0) {
    temporary_name_.clear();
  } else if (errno == EEXIST) {
    CAVRA_CHECK(check_same(place));
  } else {
    return os_error("name the receipt " + quoted(place.native()), errno);
  }
  CAVRA_CHECK(sync_with_its_name(receipts_, receipts_folder_));
  return place;
}

}  // namespace cavra::engine
