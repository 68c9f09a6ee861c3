#include "lock_attempt.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "capability.hpp"
#include "cavra/support/encoding.hpp"
#include "durable_file.hpp"
#include "lock_attribute.hpp"
#include "os_error.hpp"
#include "store_root.hpp"
#include "stored_object.hpp"
#include "turn.hpp"

namespace cavra::local_worm {
namespace {

using Outcome = sdk::AttemptOutcome;

// In the staging folder for a moment.
constexpr const char* kOtherFile = "attempt-to-overwrite";

bool is_own(const FileStatus& status) {
  return status.uid == ::geteuid() || has_capability(CAP_FOWNER);
}

// Whether mode and owner alone would let this user take names out of `folder`. Group and others
// are not looked at: too little is better than to blame the lock for what a right did.
bool may_take_names(const Folder& folder, const FileStatus& object) {
  const bool is_sticky = (folder.status.mode & S_ISVTX) != 0;
  if (is_sticky && !is_own(folder.status) && !is_own(object)) return false;
  constexpr mode_t kNeeded = S_IWUSR | S_IXUSR;
  const bool is_by_mode =
      folder.status.uid == ::geteuid() && (folder.status.mode & kNeeded) == kNeeded;
  return is_by_mode || has_capability(CAP_DAC_OVERRIDE);
}

// Taken at once, before anything else changes errno. 0: it went through.
int problem_of(int answer) {
  return answer < 0 ? errno : 0;
}

// One object under attack.
class Target {
 public:
  // Errors: not_found, refused, forbidden, io.
  static Result<Target> open(const Folder& root, const ObjectKey& key) {
    Target target(root, key);
    CAVRA_TRY(target.way_, walk(root, key.folders()));
    CAVRA_TRY(target.object_, open_object(root, key));
    return target;
  }

  Result<Outcome> remove() const {
    const int problem = problem_of(::unlinkat(folder().fd.get(), name(), 0));
    return judge(problem, keeps_name(), may_take_name());
  }

  // Either way is enough; both are tried, unless the first has done it.
  Result<Outcome> overwrite() const {
    CAVRA_TRY(const Outcome written, write_into());
    if (written == Outcome::succeeded) return written;
    CAVRA_TRY(const Outcome replaced, rename_over());
    return weaker(written, replaced);
  }

  Result<Outcome> shorten() const {
    if (!object_.has_fitting_attribute()) {
      return Error{ErrorCode::refused,
                   quoted(key_.text()) + " has no lock that could be made shorter", false};
    }
    LockAttribute earlier = *object_.attribute;
    earlier.retain_until_unix_s = 0;
    const std::string text = format_lock_attribute(earlier);
    allow_writing();
    const int problem =
        problem_of(::fsetxattr(fd(), kLockAttributeName, text.data(), text.size(), 0));
    return judge(problem, is_immutable(), is_own(object_.status));
  }

  Result<Outcome> clear() const {
    if (!is_immutable()) return Outcome::succeeded;
    int flags = 0;
    if (::ioctl(fd(), FS_IOC_GETFLAGS, &flags) != 0) return failed(errno);
    flags &= ~FS_IMMUTABLE_FL;
    const int problem = problem_of(::ioctl(fd(), FS_IOC_SETFLAGS, &flags));
    return judge(problem, is_immutable(), is_own(object_.status));
  }

 private:
  Target(const Folder& root, const ObjectKey& key) : root_(root), key_(key) {}

  [[nodiscard]] const Folder& folder() const { return way_.folder; }
  [[nodiscard]] const char* name() const { return key_.name().c_str(); }
  [[nodiscard]] int fd() const { return object_.fd.get(); }
  [[nodiscard]] bool is_immutable() const {
    return object_.status.flags && object_.status.flags->is_immutable;
  }
  [[nodiscard]] bool keeps_name() const { return is_immutable() || folder().keeps_names(); }
  [[nodiscard]] bool may_take_name() const { return may_take_names(folder(), object_.status); }

  [[nodiscard]] Error failed(int problem) const {
    return os_error("try to break the lock of " + quoted(key_.text()), problem);
  }

  // What a system call's answer shows. The kernel refuses with EPERM for a flag, and for some
  // rights as well; with EACCES and EROFS for rights alone.
  [[nodiscard]] Result<Outcome> judge(int problem, bool is_locked, bool has_rights) const {
    if (problem == 0) return Outcome::succeeded;
    if (problem == EPERM && is_locked && has_rights) return Outcome::refused_by_lock;
    if (problem == EPERM || problem == EACCES || problem == EROFS)
      return Outcome::refused_by_rights;
    return failed(problem);
  }

  static Outcome weaker(Outcome one, Outcome other) {
    for (const Outcome outcome : {Outcome::succeeded, Outcome::refused_by_rights})
      if (one == outcome || other == outcome) return outcome;
    return Outcome::refused_by_lock;
  }

  // The owner of a read-only file is kept from writing by nothing but the flag.
  void allow_writing() const { ::fchmod(fd(), (object_.status.mode & 07777U) | S_IWUSR); }

  Result<Outcome> write_into() const {
    allow_writing();
    const int writer = ::openat(folder().fd.get(), name(),
                                O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const int problem = problem_of(writer);
    const FileDescriptor closed_again(writer);
    return judge(problem, is_immutable(), is_own(object_.status));
  }

  // A file has to have a name to be renamed: for a moment, under the turn, so that one that is
  // there is of a process that died at it.
  Result<Outcome> rename_over() const {
    const auto staging = open_staging(root_);
    if (!staging && staging.error().code == ErrorCode::forbidden) return Outcome::refused_by_rights;
    if (!staging) return staging.error();
    CAVRA_TRY(const Turn turn, Turn::take(*staging));
    const int from = staging->fd.get();
    ::unlinkat(from, kOtherFile, 0);
    CAVRA_TRY(NamelessFile file, NamelessFile::create(*staging, 0));
    CAVRA_TRY(const FileDescriptor other, std::move(file).settle(Sync::together));
    CAVRA_CHECK(name_file(other.get(), *staging, kOtherFile, Sync::together));
    const int problem = problem_of(::renameat(from, kOtherFile, folder().fd.get(), name()));
    if (problem != 0) ::unlinkat(from, kOtherFile, 0);
    return judge(problem, keeps_name(), may_take_name());
  }

  const Folder& root_;
  const ObjectKey& key_;
  FolderWay way_;
  StoredObject object_;
};

}  // namespace

Result<Outcome> attempt_on_lock(const Folder& root, const ObjectKey& key, sdk::Attempt act) {
  // Whoever has the privilege can lift the lock: that is known, and shows nothing. The caller has
  // given it up.
  if (may_have_immutable())
    return Error{ErrorCode::internal, "a lock is not tried with CAP_LINUX_IMMUTABLE", false};
  CAVRA_TRY(const Target target, Target::open(root, key));
  switch (act) {
    case sdk::Attempt::remove:
      return target.remove();
    case sdk::Attempt::overwrite:
      return target.overwrite();
    case sdk::Attempt::shorten:
      return target.shorten();
    case sdk::Attempt::clear:
      return target.clear();
  }
  return Error{ErrorCode::unsupported, "this store knows no such attempt on a lock", false};
}

}  // namespace cavra::local_worm
