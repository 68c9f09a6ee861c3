#include "stored_object.hpp"

#include <fcntl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <utility>

#include "cavra/support/encoding.hpp"
#include "file_system.hpp"
#include "os_error.hpp"

namespace cavra::local_worm {
namespace {

Result<std::optional<LockAttribute>> read_lock_attribute(int fd, std::string_view what) {
  std::array<char, kMaxLockAttributeBytes> text{};
  const ssize_t size = ::fgetxattr(fd, kLockAttributeName, text.data(), text.size());
  if (size >= 0)
    return parse_lock_attribute(std::string_view(text.data(), static_cast<std::size_t>(size)));
  // No attribute, no attributes on this file system, or one too long to be ours.
  if (errno == ENODATA || errno == EOPNOTSUPP || errno == ERANGE)
    return std::optional<LockAttribute>{};
  return os_error("read the lock of " + std::string(what));
}

}  // namespace

sdk::LockMode StoredObject::mode(Require require) const noexcept {
  if (is_sealed() && do_folders_keep_names) return sdk::LockMode::governance;
  if (require == Require::advisory && is_read_only()) return sdk::LockMode::advisory;
  return sdk::LockMode::none;
}

bool StoredObject::is_complete(Require require) const noexcept {
  return has_fitting_attribute() && mode(require) != sdk::LockMode::none;
}

Result<OpenedFile> open_object_file(const Folder& at, const std::string& path,
                                    const ObjectKey& key) {
  OpenedFile file;
  CAVRA_TRY(file.fd, open_beneath(at, path, O_RDONLY));
  CAVRA_TRY(file.status, status_of(file.fd.get(), key.text()));
  const std::string what = quoted(key.text());
  if (file.status.is_folder())
    return Error{ErrorCode::not_found, what + " is a folder, not an object", false};
  if (!file.status.is_regular()) {
    return Error{ErrorCode::refused,
                 what + " is not a regular file: somebody put something else there", false};
  }
  return file;
}

Result<StoredObject> open_object_in(const Folder& folder, bool do_folders_keep_names,
                                    const std::string& path, const ObjectKey& key) {
  StoredObject object;
  CAVRA_TRY(OpenedFile file, open_object_file(folder, path, key));
  object.fd = std::move(file.fd);
  object.status = file.status;
  CAVRA_TRY(const FileSystem file_system, file_system_of(object.fd.get()));
  object.is_on_lockable_file_system = file_system.objection.empty();
  object.do_folders_keep_names = do_folders_keep_names;
  CAVRA_TRY(object.attribute, read_lock_attribute(object.fd.get(), quoted(key.text())));
  return object;
}

Result<StoredObject> open_object(const Folder& root, const ObjectKey& key) {
  CAVRA_TRY(const bool do_keep, do_keep_names(root, key.folders()));
  return open_object_in(root, do_keep, key.text(), key);
}

sdk::Lock lock_of(const StoredObject& object, const RecordSummary& records, Require require) {
  sdk::Lock lock;
  lock.mode = object.mode(require);
  if (object.has_fitting_attribute())
    lock.retain_until_unix_s = object.attribute->retain_until_unix_s;
  if (records.latest_retain_until_unix_s) {
    lock.retain_until_unix_s =
        std::max(lock.retain_until_unix_s.value_or(*records.latest_retain_until_unix_s),
                 *records.latest_retain_until_unix_s);
  }
  lock.legal_hold = records.is_held;
  return lock;
}

}  // namespace cavra::local_worm
