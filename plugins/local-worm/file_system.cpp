#include "file_system.hpp"

#include <sys/vfs.h>

#include <array>
#include <charconv>

#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

struct Known {
  std::uint64_t type;  // statfs(2), and linux/magic.h
  std::string_view name;
  std::string_view objection;
  bool is_tried = false;
};

constexpr std::string_view kNetwork =
    "the flags of files on it are the server's business, and this machine cannot see them";
constexpr std::string_view kNone = "it has no such flags";

constexpr Known kKnown[] = {
    {0xEF53, "ext4", {}, true},
    {0x58465342, "xfs", {}, true},
    {0x9123683E, "btrfs", {}, true},
    {0xF2F52010, "f2fs", {}},
    {0x3153464A, "jfs", {}},
    {0x24051905, "ubifs", {}},
    {0xCA451A4E, "bcachefs", {}},
    // Through an overlay +i is an xattr of the overlay: the file below stays writable.
    {0x794C7630, "overlay",
     "the flag would be kept by the overlay alone, and the file below it stays writable"},
    {0x01021994, "tmpfs", "it forgets everything when the machine stops"},
    {0x858458F6, "ramfs", "it forgets everything when the machine stops"},
    {0x6969, "nfs", kNetwork},
    {0xFF534D42, "cifs", kNetwork},
    {0xFE534D42, "smb2", kNetwork},
    {0x517B, "smb", kNetwork},
    {0x01021997, "9p", kNetwork},
    {0x65735546, "fuse", kNetwork},
    {0x00C36400, "ceph", kNetwork},
    {0x5346414F, "afs", kNetwork},
    {0x0BD00BD0, "lustre", kNetwork},
    {0x01161970, "gfs2", kNetwork},
    {0x7461636F, "ocfs2", kNetwork},
    {0x786F4256, "vboxsf", kNetwork},
    {0x4D44, "vfat", kNone},
    {0x2011BAB0, "exfat", kNone},
    {0x7366746E, "ntfs3", kNone},
    {0x2FC12FC1, "zfs", "its flags are not Linux's"},
    {0xF15F, "ecryptfs", "the files below it stay writable"},
};

std::string hex(std::uint64_t value) {
  std::array<char, 18> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

}  // namespace

FileSystem file_system_of_type(std::uint64_t type) {
  for (const Known& known : kKnown) {
    if (known.type == type)
      return {std::string(known.name), std::string(known.objection), known.is_tried};
  }
  return {hex(type), {}, false};
}

Result<FileSystem> file_system_of(int fd) {
  struct statfs raw{};
  if (::fstatfs(fd, &raw) != 0) return os_error("ask for the kind of file system");
  return file_system_of_type(static_cast<std::uint64_t>(raw.f_type) & 0xffffffffU);
}

}  // namespace cavra::local_worm
