#include "bundle/staging_folder.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ranges>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra {
namespace {

constexpr mode_t kFolderMode = 0755;
// Of the output's name in the staging folder's: a name has at most 255 bytes.
constexpr std::size_t kMaxNamePart = 200;
constexpr std::string_view kStagingMark = ".cavra-";
constexpr std::size_t kSuffixDigits = 8;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr int kMaxTries = 20;

Result<void> sync_folder(int folder, const std::filesystem::path& name) {
  const FileDescriptor fd(
      ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0)
    return os_error("sync the folder " + quoted(name.native()), errno);
  return {};
}

Result<std::string> random_suffix() {
  std::array<std::byte, kSuffixDigits / 2> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return os_error("get random numbers", errno);
  return to_hex(random);
}

// Removes what a killed run left, if nobody holds it. Staged files go with all that is in the
// folder; an earlier bundle, which a run had just exchanged for its own, only as far as it is one:
// somebody may have put a file there.
void sweep_one(const std::filesystem::path& place) {
  const FileDescriptor fd(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return;
  struct ::stat seen{};
  if (::fstat(fd.get(), &seen) != 0 || seen.st_uid != ::geteuid()) return;
  if ((seen.st_mode & S_ISVTX) != 0) {
    std::error_code ignored;
    std::filesystem::remove_all(place, ignored);
    return;
  }
  FileDescriptor same(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
  const auto bundle = recognize_earlier_bundle(std::move(same), place.native());
  if (bundle) (void)remove_files(*bundle);
  ::rmdir(place.c_str());  // if nothing is left in it
}

bool is_empty_folder(const std::filesystem::path& folder) {
  std::error_code problem;
  return std::filesystem::is_empty(folder, problem) && !problem;
}

}  // namespace

Result<std::unique_ptr<StagingFolder>> StagingFolder::make(const std::filesystem::path& output) {
  std::unique_ptr<StagingFolder> staging(new StagingFolder);
  staging->output_ = output.lexically_normal();
  if (!staging->output_.has_filename()) staging->output_ = staging->output_.parent_path();
  const std::string name = staging->output_.filename().native();
  if (name.empty() || name == "." || name == "..") {
    return Error{ErrorCode::usage, "the output " + quoted(output.native()) +
                                       " has no name of its own; name a folder for the bundle"};
  }
  staging->parent_ = staging->output_.has_parent_path() ? staging->output_.parent_path() : ".";
  CAVRA_CHECK(staging->look_at_output());
  CAVRA_CHECK(staging->make_parents());
  staging->sweep();
  CAVRA_CHECK(staging->make_staging());
  return staging;
}

StagingFolder::~StagingFolder() {
  std::error_code ignored;  // nobody is left to be told
  if (!staging_.empty()) std::filesystem::remove_all(staging_, ignored);
  for (const std::filesystem::path& folder : made_parents_ | std::views::reverse)
    ::rmdir(folder.c_str());
}

Result<void> StagingFolder::look_at_output() {
  const std::string name = output_.native();
  FileDescriptor folder(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) {
    if (errno == ENOENT) return {};
    if (errno == ENOTDIR || errno == ELOOP) {
      return Error{ErrorCode::refused,
                   quoted(name) + " is there, and no folder; name another place for the bundle"};
    }
    return os_error("look at the output " + quoted(name), errno);
  }
  is_output_empty_folder_ = is_empty_folder(output_);
  if (is_output_empty_folder_) return {};
  CAVRA_TRY(earlier_, recognize_earlier_bundle(std::move(folder), name));
  return {};
}

Result<void> StagingFolder::make_parents() {
  std::vector<std::filesystem::path> missing;
  for (std::filesystem::path folder = parent_; ::access(folder.c_str(), F_OK) != 0;
       folder = folder.parent_path()) {
    missing.push_back(folder);
    if (!folder.has_parent_path() || folder == folder.parent_path()) break;
  }
  for (const std::filesystem::path& folder : missing | std::views::reverse) {
    if (::mkdir(folder.c_str(), kFolderMode) == 0) {
      made_parents_.push_back(folder);
    } else if (errno != EEXIST) {
      return os_error("make the folder " + quoted(folder.native()), errno);
    }
  }
  return {};
}

std::string StagingFolder::staging_prefix() const {
  return '.' + output_.filename().native().substr(0, kMaxNamePart) + std::string(kStagingMark);
}

void StagingFolder::sweep() const {
  const std::string prefix = staging_prefix();
  std::error_code problem;  // what cannot be swept stays, and is in nobody's way
  for (std::filesystem::directory_iterator at(parent_, problem), end; !problem && at != end;
       at.increment(problem)) {
    const std::string name = at->path().filename().native();
    const bool is_staging = name.size() == prefix.size() + kSuffixDigits &&
                            name.starts_with(prefix) &&
                            name.find_first_not_of(kHexDigits, prefix.size()) == std::string::npos;
    if (is_staging) sweep_one(at->path());
  }
}

Result<void> StagingFolder::make_staging() {
  // A sweeping run may hold, or have removed, what was made a moment ago.
  for (int tries = 0; tries < kMaxTries; ++tries) {
    CAVRA_TRY(const std::string suffix, random_suffix());
    const std::filesystem::path place = parent_ / (staging_prefix() + suffix);
    if (::mkdir(place.c_str(), kFolderMode) != 0)
      return os_error("make a folder in " + quoted(parent_.native()), errno);
    FileDescriptor fd(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd && errno == ENOENT) continue;
    if (!fd) return os_error("open " + quoted(place.native()), errno);
    // Where there are no locks (some network file systems) nobody sweeps, either.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) continue;
    struct ::stat seen{};
    if (::fstat(fd.get(), &seen) != 0) return os_error("look at " + quoted(place.native()), errno);
    if (seen.st_nlink == 0) continue;
    staging_ = place;
    fd_ = std::move(fd);
    mode_ = seen.st_mode & 07777;
    if (::fchmod(fd_.get(), mode_ | S_ISVTX) != 0)
      return os_error("set the mode of " + quoted(place.native()), errno);
    return {};
  }
  return Error{ErrorCode::io, "cannot make a folder in " + quoted(parent_.native()) +
                                  " that others leave alone; try again"};
}

Result<void> StagingFolder::make_folders(const std::string& path) {
  if (path == last_made_) return {};
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    if (::mkdirat(fd(), folder.c_str(), kFolderMode) != 0 && errno != EEXIST)
      return os_error("make the folder " + quoted(folder), errno);
    if (end == std::string::npos) break;
  }
  last_made_ = path;
  return {};
}

Result<void> StagingFolder::publish() {
  // One call for all files and folders, and it tells of write errors (since Linux 5.8).
  if (::syncfs(fd()) != 0) return os_error("sync " + quoted(staging_.native()), errno);
  // So that no other run sweeps it while it is removed below.
  if (earlier_) ::flock(earlier_->folder.get(), LOCK_EX | LOCK_NB);
  // A rename replaces an empty folder by itself, and nothing that is not empty.
  const unsigned flags = earlier_                  ? RENAME_EXCHANGE
                         : is_output_empty_folder_ ? 0U
                                                   : static_cast<unsigned>(RENAME_NOREPLACE);
  if (::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, output_.c_str(), flags) != 0) {
    if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) {
      return Error{ErrorCode::refused,
                   quoted(output_.native()) +
                       " was taken while the bundle was written; look at it, or name another "
                       "place"};
    }
    return os_error("rename the bundle to " + quoted(output_.native()), errno);
  }
  made_parents_.clear();
  const std::filesystem::path replaced = std::exchange(staging_, {});
  // A bundle with a sticky bit is one all the same.
  (void)::fchmod(fd_.get(), mode_);
  CAVRA_CHECK(sync_folder(AT_FDCWD, parent_));
  if (!earlier_) return {};
  auto removed = remove_files(*earlier_);
  if (removed && ::rmdir(replaced.c_str()) != 0 && errno != ENOENT)
    removed = os_error("remove its folder", errno);
  if (removed) return {};
  return Error{ErrorCode::io, "the new bundle is at " + quoted(output_.native()) +
                                  ", and the earlier one could not be removed from " +
                                  quoted(replaced.native()) + ": " + removed.error().message};
}

}  // namespace cavra
