// All durable steps in the life of one file, in their order:
//
//   1. NamelessFile::create, write, set_attributes: a file that no name leads to (O_TMPFILE)
//   2. NamelessFile::settle: no descriptor of ours can write any more, and all of it is on disk
//   3. forbid_writers: nobody else's can, or it fails
//   4. name_file: the name appears
//   5. make_immutable: +i
//
// What must be on disk before what: the bytes before the name, since a name in an append-only
// folder never goes away and must not lead to half an object. The name and the flag before anybody
// is told. One file alone is synced after 2, 4 and 5; many together by sync_file_system() after all
// their 2, and again after all their 5.
//
// A process that dies before 4 leaves nothing. After it, the file is whole and has its attributes;
// only its flag may be missing, and the next put of the same object sets it.
// An fsync that failed may succeed when tried again without the data being there (fsync(2)):
// every failure here means that the file is given up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"
#include "sealer.hpp"

namespace cavra::local_worm {

// What a file says of itself.
struct FileAttributes {
  std::string lock{};                         // LockAttribute; empty: none
  std::string_view media_type{};              // for people; empty: none
  std::string_view metadata{};                // for people; empty: none
  std::int64_t access_time_unix_s = kNoTime;  // the retain-until date, as SnapLock and its kin want

  static constexpr std::int64_t kNoTime = INT64_MIN;
};

// How a step comes to disk: by an fsync of its own, or by one sync_file_system() for many.
enum class Sync { alone, together };

// One writer's. Closing it before name_file() removes it.
class NamelessFile {
 public:
  // In `staging`, which must lie on the file system of the final place and have no flags. The space
  // for `expected_bytes` is taken at once, so that a full disk is told early.
  // Errors: refused (no O_TMPFILE there), forbidden, io.
  [[nodiscard]] static Result<NamelessFile> create(const Folder& staging,
                                                   std::uint64_t expected_bytes);

  [[nodiscard]] Result<void> write(std::span<const std::byte> bytes);
  [[nodiscard]] Result<void> set_attributes(const FileAttributes& attributes);
  // The file again, read-only, and the writing descriptor closed. On disk only where `sync` says
  // alone: together is for the caller.
  [[nodiscard]] Result<FileDescriptor> settle(Sync sync) &&;

 private:
  NamelessFile(FileDescriptor fd, unsigned mode) : fd_(std::move(fd)), mode_(mode) {}
  [[nodiscard]] Result<void> start_writeback();

  FileDescriptor fd_;
  unsigned mode_;  // 0644 without what the umask takes
  std::uint64_t written_ = 0;
  std::uint64_t writeback_from_ = 0;
};

// Read lease on a file open read-only: granted only where nobody has it open or mapped for writing;
// held until `fd` is closed. Whoever opens it for writing from now on breaks the lease, and
// seal_file() notices. Errors: refused (a writer is there; retryable), forbidden, io.
[[nodiscard]] Result<void> forbid_writers(int fd, std::string_view what);

// Gives a nameless file its name. Errors: conflict (the name is taken), refused (the folder is
// sealed), io.
[[nodiscard]] Result<void> name_file(int fd, const Folder& folder, const std::string& name,
                                     Sync sync);

// +i on a file under forbid_writers(). Errors: refused (no privilege; or a writer came in between,
// and the bytes cannot be relied on), io.
[[nodiscard]] Result<void> seal_file(const Sealer& sealer, int fd, std::string_view what,
                                     Sync sync);
// The second half of that, where the flag is on: to disk, and no writer came in between.
[[nodiscard]] Result<void> confirm_sealed(int fd, std::string_view what, Sync sync);

// Brings to disk all that the file system of `folder` has. It tells of write errors since `folder`
// was opened (syncfs(2), Linux 5.8), so the folder is opened before what is to be synced.
[[nodiscard]] Result<void> sync_file_system(const Folder& folder);
// +i and fsync on a folder: nothing comes into it or goes from it any more. One process at a time,
// by a turn at `staging`, where files without names are written. Errors: also unavailable.
[[nodiscard]] Result<void> seal_folder(const Sealer& sealer, const Folder& staging,
                                       const Folder& folder);
// +a and fsync: names come, and none goes. The same.
[[nodiscard]] Result<void> keep_names(const Sealer& sealer, const Folder& staging,
                                      const Folder& folder);

// The time of a file's last change: as it is, or the moment of this call.
enum class ModifiedTime { as_it_is, now };

// Attributes of a file that has its name already and lacks them; read-only after it. `mode` is what
// it has now. Errors: as set_attributes().
[[nodiscard]] Result<void> write_attributes(int fd, const FileAttributes& attributes, unsigned mode,
                                            ModifiedTime modified);

}  // namespace cavra::local_worm
