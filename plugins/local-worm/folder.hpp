// Folder: one open folder of the store, and the only ways from it to what lies below.
//
// Nothing below is reached through a symbolic link, over a mount point, or upwards: openat2 with
// RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV. One thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "file_flags.hpp"

namespace cavra::local_worm {

struct Folder {
  FileDescriptor fd;
  std::string path;  // for messages
  FileStatus status;

  // +a or +i: what lies in it can neither go nor move.
  [[nodiscard]] bool keeps_names() const noexcept { return status.keeps_names(); }
  [[nodiscard]] bool is_sealed() const noexcept {
    return status.flags && status.flags->is_immutable;
  }
};

// Opens `path` ("a/b") beneath `folder` with open(2)'s `flags`; O_CLOEXEC, O_NOFOLLOW and
// O_NONBLOCK come on top. Errors: not_found (also where a part of the way is no folder), refused,
// forbidden, io.
[[nodiscard]] Result<FileDescriptor> open_beneath(const Folder& folder, const std::string& path,
                                                  int flags);

// A folder directly in `parent`. Errors: as open_beneath().
[[nodiscard]] Result<Folder> open_folder(const Folder& parent, const std::string& name);

// The folder at the end of `parts`, and whether each on the way, `from` included, keeps its names.
struct FolderWay {
  Folder folder;
  bool keeps_names = false;
};
[[nodiscard]] Result<FolderWay> walk(const Folder& from, std::span<const std::string> parts);

// The second half alone, by one look at each. For what is opened at that way by open_beneath()
// *afterwards*: a folder that keeps its names cannot become a symbolic link or another folder in
// between, so what is found there is what was looked at. Errors: as open_beneath().
[[nodiscard]] Result<bool> do_keep_names(const Folder& from, std::span<const std::string> parts);

// fsync, for the names in it and its own flags.
[[nodiscard]] Result<void> sync_folder(const Folder& folder);

struct FolderEntry {
  std::string_view name;  // lent while it is taken
  unsigned char type;     // DT_…, possibly DT_UNKNOWN
};
// Gives each name but "." and ".." to `take`, in no order. `take` may fail, which ends it.
[[nodiscard]] Result<void> for_each_entry(const Folder& folder,
                                          const std::function<Result<void>(FolderEntry)>& take);

[[nodiscard]] std::string join(std::span<const std::string> parts);

}  // namespace cavra::local_worm
