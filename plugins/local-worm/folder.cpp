#include "folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "cavra/support/encoding.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

std::string below(const Folder& folder, std::string_view name) {
  return folder.path + "/" + std::string(name);
}

}  // namespace

Result<FileDescriptor> open_beneath(const Folder& folder, const std::string& path, int flags) {
  struct open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_NOFOLLOW);
  // A fifo somebody left there must not hang us. It changes nothing for regular files.
  if ((flags & O_PATH) == 0) how.flags |= O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  for (;;) {
    const long fd = ::syscall(SYS_openat2, folder.fd.get(), path.c_str(), &how, sizeof(how));
    if (fd >= 0) return FileDescriptor(static_cast<int>(fd));
    const int problem = errno;                            // making the message may change errno
    if (problem == EINTR || problem == EAGAIN) continue;  // openat2(2): EAGAIN asks to try again
    Error error = os_error("open " + quoted(below(folder, path)), problem);
    if (problem == ENOENT || problem == ENOTDIR) error.code = ErrorCode::not_found;
    return error;
  }
}

Result<Folder> open_folder(const Folder& parent, const std::string& name) {
  Folder folder{.fd = {}, .path = below(parent, name), .status = {}};
  CAVRA_TRY(folder.fd, open_beneath(parent, name, O_RDONLY | O_DIRECTORY));
  CAVRA_TRY(folder.status, status_of(folder.fd.get(), folder.path));
  return folder;
}

Result<FolderWay> walk(const Folder& from, std::span<const std::string> parts) {
  FolderWay way{.folder = {}, .keeps_names = from.keeps_names()};
  const Folder* at = &from;
  for (const std::string& part : parts) {
    CAVRA_TRY(Folder next, open_folder(*at, part));
    way.keeps_names = way.keeps_names && next.keeps_names();
    way.folder = std::move(next);
    at = &way.folder;
  }
  if (parts.empty()) {
    way.folder.path = from.path;
    way.folder.status = from.status;
    CAVRA_TRY(way.folder.fd, open_beneath(from, ".", O_RDONLY | O_DIRECTORY));
  }
  return way;
}

Result<bool> do_keep_names(const Folder& from, std::span<const std::string> parts) {
  bool do_keep = from.keeps_names();
  std::string path;
  for (const std::string& part : parts) {
    if (!do_keep) return false;
    path.append(path.empty() ? "" : "/").append(part);
    CAVRA_TRY(const FileStatus status, status_at(from.fd.get(), path));
    do_keep = status.is_folder() && status.keeps_names();
  }
  return do_keep;
}

Result<void> sync_folder(const Folder& folder) {
  if (::fsync(folder.fd.get()) != 0) return os_error("fsync " + quoted(folder.path));
  return {};
}

Result<void> for_each_entry(const Folder& folder,
                            const std::function<Result<void>(FolderEntry)>& take) {
  // A descriptor of its own: the place in the folder belongs to the open file description.
  CAVRA_TRY(const FileDescriptor fd, open_beneath(folder, ".", O_RDONLY | O_DIRECTORY));
  alignas(dirent64) std::array<char, 32768> buffer{};
  for (;;) {
    const ssize_t got = ::getdents64(fd.get(), buffer.data(), buffer.size());
    if (got < 0) return os_error("read " + quoted(folder.path));
    if (got == 0) return {};
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      CAVRA_CHECK(take({name, entry->d_type}));
    }
  }
}

std::string join(std::span<const std::string> parts) {
  std::string path;
  for (const std::string& part : parts) {
    if (!path.empty()) path.push_back('/');
    path.append(part);
  }
  return path;
}

}  // namespace cavra::local_worm
