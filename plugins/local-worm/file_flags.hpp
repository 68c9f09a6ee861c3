// FileFlags: the two flags that lock a file or folder, as the kernel tells them now.
//
// Reading needs no privilege, so an auditor can do the same: `lsattr`. Setting them is Sealer's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

struct FileFlags {
  bool is_immutable = false;    // +i: neither bytes nor name, mode, times or attributes change
  bool is_append_only = false;  // +a, on a folder: names come and none go

  friend bool operator==(const FileFlags&, const FileFlags&) = default;
};

// What one statx tells of an open file.
struct FileStatus {
  mode_t mode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_unix_s = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t link_count = 0;
  uid_t uid = 0;
  // Empty where this file system does not tell of both flags.
  std::optional<FileFlags> flags;

  [[nodiscard]] bool is_regular() const noexcept;
  [[nodiscard]] bool is_folder() const noexcept;
  // Of a folder: +a or +i.
  [[nodiscard]] bool keeps_names() const noexcept {
    return flags && (flags->is_append_only || flags->is_immutable);
  }
};

// `what` is for the message. Errors: io.
[[nodiscard]] Result<FileStatus> status_of(int fd, std::string_view what);
// Of what lies at `path` below an open folder. Follows symbolic links on the way: who cares opens
// it by open_beneath() as well. Errors: not_found, forbidden, io.
[[nodiscard]] Result<FileStatus> status_at(int folder_fd, const std::string& path);

}  // namespace cavra::local_worm
