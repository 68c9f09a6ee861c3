#include "archive/restore_folder.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "cavra/support/encoding.hpp"
#include "cavra/write_file.hpp"

namespace cavra::engine {

namespace {

Result<std::string> temporary_name(const std::string& output_name) {
  std::array<std::byte, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return os_error("get random numbers", errno);
  // NAME_MAX is 255 bytes.
  return "." + output_name.substr(0, 200) + ".restoring-" + to_hex(random);
}

Error taken(const std::filesystem::path& output) {
  return {ErrorCode::refused,
          quoted(output.native()) + " is there already and is no empty folder; name another one"};
}

// So that nobody waits for a download that has no place.
Result<void> check_free(const std::filesystem::path& output) {
  std::error_code problem;
  const auto status = std::filesystem::symlink_status(output, problem);
  if (status.type() == std::filesystem::file_type::not_found) return {};
  if (status.type() == std::filesystem::file_type::directory &&
      std::filesystem::is_empty(output, problem) && !problem)
    return {};
  if (problem) return os_error("look at " + quoted(output.native()), problem.value());
  return taken(output);
}

// In a folder of a WORM store names cannot be changed: what is made there stays for ever.
Result<void> check_not_sealed(int folder, const std::filesystem::path& path) {
  struct statx seen{};
  if (::statx(folder, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &seen) != 0)
    return os_error("look at " + quoted(path.native()), errno);
  if ((seen.stx_attributes & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE)) == 0) return {};
  return Error{ErrorCode::refused, quoted(path.native()) +
                                       " is append-only or immutable, as the folders of a WORM "
                                       "store are; restore to another place"};
}

// The folder is private to us, and yet nothing in it is followed out of it.
FileDescriptor create_beneath(int folder, const std::string& member) {
  open_how how{};
  how.flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  how.mode = 0644;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  return FileDescriptor(
      static_cast<int>(::syscall(SYS_openat2, folder, member.c_str(), &how, sizeof how)));
}

Result<void> make_parents(int folder, const std::string& member) {
  for (std::size_t end = member.find('/'); end != member.npos; end = member.find('/', end + 1)) {
    const std::string parent = member.substr(0, end);
    if (::mkdirat(folder, parent.c_str(), 0755) != 0 && errno != EEXIST)
      return os_error("make the folder " + quoted(parent), errno);
  }
  return {};
}

}  // namespace

Result<RestoreFolder> RestoreFolder::create(const std::filesystem::path& output) {
  CAVRA_CHECK(check_free(output));
  std::error_code problem;
  const auto whole = std::filesystem::absolute(output, problem).lexically_normal();
  const auto named = whole.has_filename() ? whole : whole.parent_path();
  RestoreFolder made;
  made.parent_path_ = named.parent_path();
  made.output_name_ = named.filename().native();
  std::filesystem::create_directories(made.parent_path_, problem);
  made.parent_ =
      FileDescriptor(::open(made.parent_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!made.parent_ || made.output_name_.empty())
    return os_error("open the folder " + quoted(made.parent_path_.native()), errno);
  CAVRA_CHECK(check_not_sealed(made.parent_.get(), made.parent_path_));
  CAVRA_TRY(const std::string name, temporary_name(made.output_name_));
  if (::mkdirat(made.parent_.get(), name.c_str(), 0700) != 0)
    return os_error("make a folder in " + quoted(made.parent_path_.native()), errno);
  made.temporary_name_ = name;
  made.folder_ = FileDescriptor(
      ::openat(made.parent_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made.folder_) return os_error("open the folder " + quoted(name), errno);
  return made;
}

RestoreFolder::~RestoreFolder() {
  if (!parent_ || temporary_name_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(place(), ignored);
}

Result<FileDescriptor> RestoreFolder::make_file(const std::string& member) const {
  FileDescriptor file = create_beneath(folder_.get(), member);
  if (!file && errno == ENOENT) {
    CAVRA_CHECK(make_parents(folder_.get(), member));
    file = create_beneath(folder_.get(), member);
  }
  if (!file) return os_error("make the file " + quoted(member), errno);
  return file;
}

Result<void> RestoreFolder::publish() && {
  // One call for all files and folders, and it tells of write errors (since Linux 5.8).
  if (::syncfs(folder_.get()) != 0) return os_error("sync " + quoted(place().native()), errno);
  // A folder takes the place of an empty folder and of nothing else (rename(2)).
  if (::renameat(parent_.get(), temporary_name_.c_str(), parent_.get(), output_name_.c_str()) !=
      0) {
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
      return taken(parent_path_ / output_name_);
    return os_error("rename to " + quoted(output_name_), errno);
  }
  temporary_name_.clear();
  if (::fsync(parent_.get()) != 0)
    return os_error("sync the folder " + quoted(parent_path_.native()), errno);
  return {};
}

}  // namespace cavra::engine
