// StoredObject: one object as the file system has it now, and the lock that follows from that.
//
// Opened by its path for each call. Everything said of it comes from the kernel and from records
// that the kernel protects, never from what this process did before. One thread at a time.
#pragma once

#include <optional>
#include <string>

#include "cavra/plugin_types.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "file_flags.hpp"
#include "folder.hpp"
#include "lock_attribute.hpp"
#include "object_key.hpp"
#include "records.hpp"
#include "settings.hpp"

namespace cavra::local_worm {

struct StoredObject {
  FileDescriptor fd;  // read-only
  FileStatus status;
  std::optional<LockAttribute> attribute;  // empty: none, or not one of ours
  bool do_folders_keep_names = false;      // each from the root down
  bool is_on_lockable_file_system = false;

  // The kernel lets nobody change its bytes, attributes or name.
  [[nodiscard]] bool is_sealed() const noexcept {
    return is_on_lockable_file_system && status.flags && status.flags->is_immutable;
  }
  [[nodiscard]] bool is_read_only() const noexcept { return (status.mode & 0222U) == 0; }
  // Its attribute fits its bytes in number.
  [[nodiscard]] bool has_fitting_attribute() const noexcept {
    return attribute && attribute->size == status.size;
  }
  [[nodiscard]] sdk::LockMode mode(Require require) const noexcept;
  // Locked as well as this store locks.
  [[nodiscard]] bool is_complete(Require require) const noexcept;
};

// By its path from the root, and what that says of its folders. Errors: not_found; refused (a
// symbolic link, a mount or another kind of file is there); forbidden; io.
[[nodiscard]] Result<StoredObject> open_object(const Folder& root, const ObjectKey& key);

// The same at `path` in an open folder, of whose own folders the caller knows.
[[nodiscard]] Result<StoredObject> open_object_in(const Folder& folder, bool do_folders_keep_names,
                                                  const std::string& path, const ObjectKey& key);

// For its bytes alone: one look by its path. The same errors.
struct OpenedFile {
  FileDescriptor fd;  // read-only
  FileStatus status;
};
[[nodiscard]] Result<OpenedFile> open_object_file(const Folder& at, const std::string& path,
                                                  const ObjectKey& key);

// The lock in force: the file's own, raised by the records.
[[nodiscard]] sdk::Lock lock_of(const StoredObject& object, const RecordSummary& records,
                                Require require);

}  // namespace cavra::local_worm
