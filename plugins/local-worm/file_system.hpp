// FileSystem: what kind of file system a folder lies on, and whether its flags can be relied on.
//
// A value. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

struct FileSystem {
  std::string name;  // "ext4", "overlay", "0x1234" where we have no word for it
  // Why its flags are no lock although it may take them. Empty: nothing known against it.
  std::string objection;
  bool is_tried = false;  // one of those that this store was tried on
};

// Of the file system that the open `fd` lies on. Errors: io.
[[nodiscard]] Result<FileSystem> file_system_of(int fd);
// The same, from statfs's f_type.
[[nodiscard]] FileSystem file_system_of_type(std::uint64_t type);

}  // namespace cavra::local_worm
