#include "ground.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "cavra/support/encoding.hpp"
#include "durable_file.hpp"
#include "file_system.hpp"
#include "os_error.hpp"
#include "sealing_thread.hpp"

namespace cavra::local_worm {
namespace {

using Verdict = sdk::ProbeItem::Verdict;

constexpr std::string_view kOrAdvisory =
    "put the store on ext4 or XFS, or set \"require\": \"advisory\" to store without a lock";

// The examination of one place, step by step; a step that fails in a way that makes the next ones
// senseless ends it.
class Examination {
 public:
  explicit Examination(StoreRoot& store) : store_(store) {}

  Result<std::vector<GroundFinding>> run() {
    if (look_for_place() && judge_file_system() && try_nameless_file()) {
      if (!store_.is_advisory() && judge_privilege()) try_flags();
    }
    if (failure_) return *std::move(failure_);
    if (place_) tell_space();
    if (store_.is_advisory())
      add(Verdict::note, "lock", "\"require\" is \"advisory\": objects are stored, NOT LOCKED");
    return std::move(findings_);
  }

 private:
  void add(Verdict verdict, std::string name, std::string message) {
    findings_.push_back({verdict, std::move(name), std::move(message)});
  }
  bool missing(std::string name, std::string message) {
    add(Verdict::missing, std::move(name), std::move(message));
    return false;
  }
  // The same, unless the machine failed: a full or broken disk is no reason to put the store
  // elsewhere.
  bool missing(std::string name, const Error& error) {
    if (error.code == ErrorCode::io || error.code == ErrorCode::unavailable) failure_ = error;
    return missing(std::move(name), error.message);
  }

  // The store's staging folder; where there is no store yet, the nearest folder above its root.
  bool look_for_place() {
    auto found = store_.find();
    if (!found) return missing("root", found.error());
    const std::filesystem::path& path = store_.settings().root;
    if (*found) {
      add(Verdict::ok, "root",
          "the store " + std::string(store_.identity()) + " is at " + quoted(path.native()));
      auto staging = open_staging(**found);
      if (!staging) return missing("rights.put", staging.error());
      place_ = *std::move(staging);
      return true;
    }
    // Only from what is not there to what is above it: a folder that cannot be opened now is the
    // place all the same.
    auto at = path;
    while (!try_open(at)) {
      if (errno != ENOENT || at == path.root_path())
        return missing("root", os_error("open " + quoted(at.native())));
      at = at.parent_path();
    }
    if (place_->path == path.native()) {
      if (const auto empty = require_no_other_things(*place_); !empty)
        return missing("root", empty.error());
    }
    add(Verdict::note, "root",
        "there is no store at " + quoted(path.native()) + " yet; the first put makes it");
    return true;
  }

  bool try_open(const std::filesystem::path& path) {
    FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return false;
    place_ = Folder{.fd = std::move(fd), .path = path.native(), .status = {}};
    return true;
  }

  bool judge_file_system() {
    const auto kind = file_system_of(place_->fd.get());
    if (!kind) return missing("filesystem.kind", kind.error());
    const std::string where = quoted(place_->path) + " is on " + kind->name;
    if (kind->objection.empty()) {
      if (kind->is_tried) add(Verdict::ok, "filesystem.kind", where);
      if (!kind->is_tried)
        add(Verdict::note, "filesystem.kind", where + ", on which this store was never tried");
      return true;
    }
    const std::string found = where + ": " + kind->objection;
    if (!store_.is_advisory())
      return missing("filesystem.kind", found + "; " + std::string(kOrAdvisory));
    add(Verdict::note, "filesystem.kind", found);
    return true;
  }

  bool try_nameless_file() {
    const auto made = [&]() -> Result<FileDescriptor> {
      CAVRA_TRY(NamelessFile file, NamelessFile::create(*place_, 0));
      CAVRA_CHECK(file.write(as_bytes("probe")));
      CAVRA_CHECK(file.set_attributes({.lock = "probe"}));
      return std::move(file).settle(Sync::alone);
    };
    auto file = made();
    if (!file) return missing("filesystem.write", file.error());
    trial_ = *std::move(file);
    add(Verdict::ok, "filesystem.write", "files without names and extended attributes work there");
    return true;
  }

  bool judge_privilege() {
    if (!SealingThread::is_there())
      return missing("rights.linux_immutable", std::string(advice_on_missing_capability()));
    add(Verdict::ok, "rights.linux_immutable", "this process has CAP_LINUX_IMMUTABLE");
    add(Verdict::excess, "rights.lift",
        "what may set these locks may lift them: this process, and whoever has CAP_LINUX_IMMUTABLE "
        "or the disk; archive as a user of its own, and keep a second store elsewhere");
    return true;
  }

  // Sets it, asks whether it is there, sees that it holds. It need not be taken back: a file
  // without a name goes when it is closed, immutable or not (tried on ext4 and XFS, a crash
  // included).
  void try_flags() {
    if (const auto leased = forbid_writers(trial_.get(), "a trial file"); !leased) {
      missing("filesystem.leases", leased.error());
      return;
    }
    add(Verdict::ok, "filesystem.leases", "the kernel tells whether a file has a writer");
    const Sealer& sealer = store_.sealer();
    if (const auto set = sealer.make_immutable(trial_.get(), "a trial file"); !set) {
      missing("filesystem.flags", set.error());
      return;
    }
    const auto status = status_of(trial_.get(), "a trial file");
    const std::string path = "/proc/self/fd/" + std::to_string(trial_.get());
    const FileDescriptor writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
    if (!writer && errno != EPERM) {
      missing("filesystem.flags", os_error("open the trial file for writing"));
    } else if (!status) {
      missing("filesystem.flags", status.error());
    } else if (writer || !status->flags || !status->flags->is_immutable) {
      missing("filesystem.flags",
              "the file system took the flag and does not enforce it; " + std::string(kOrAdvisory));
    } else {
      add(Verdict::ok, "filesystem.flags", "a flag set on a trial file held against this user");
    }
  }

  void tell_space() {
    struct statvfs space{};
    if (::fstatvfs(place_->fd.get(), &space) != 0) return;
    const std::uint64_t mib = (space.f_bavail * space.f_frsize) >> 20;
    add(Verdict::note, "filesystem.space", std::to_string(mib) + " MiB are free");
  }

  StoreRoot& store_;
  std::vector<GroundFinding> findings_;
  std::optional<Folder> place_;
  std::optional<Error> failure_;
  FileDescriptor trial_;
};

}  // namespace

Result<std::vector<GroundFinding>> examine_ground(StoreRoot& store) {
  return Examination(store).run();
}

Result<void> require_ground(StoreRoot& store) {
  auto findings = examine_ground(store);
  if (!findings) {
    Error error = std::move(findings).error();
    error.message = "nothing was stored: " + error.message;
    return error;
  }
  for (GroundFinding& finding : *findings) {
    if (finding.verdict == Verdict::missing)
      return Error{ErrorCode::refused, "nothing was stored: " + std::move(finding.message), false};
  }
  return {};
}

}  // namespace cavra::local_worm
