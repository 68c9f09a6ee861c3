#include "stored_object.hpp"

#include <fcntl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>

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

Result<StoredObject> open_object(const Folder& root, const ObjectKey& key) {
  CAVRA_TRY(const FolderWay way, walk(root, key.folders()));
  StoredObject object;
  CAVRA_TRY(object.fd, open_beneath(way.folder, key.name(), O_RDONLY));
  const std::string what = quoted(key.text());
  CAVRA_TRY(object.status, status_of(object.fd.get(), key.text()));
  if (object.status.is_folder())
    return Error{ErrorCode::not_found, what + " is a folder, not an object", false};
  if (!object.status.is_regular()) {
    return Error{ErrorCode::refused,
                 what + " is not a regular file: somebody put something else there", false};
  }
  CAVRA_TRY(const FileSystem file_system, file_system_of(object.fd.get()));
  object.is_on_lockable_file_system = file_system.objection.empty();
  object.do_folders_keep_names = way.keeps_names;
  CAVRA_TRY(object.attribute, read_lock_attribute(object.fd.get(), what));
  return object;
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
