#include "store_root.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <vector>

#include "cavra/support/encoding.hpp"
#include "documents.hpp"
#include "durable_file.hpp"
#include "os_error.hpp"
#include "small_file.hpp"

namespace cavra::local_worm {
namespace {

constexpr const char* kMarkerName = "store.json";
constexpr mode_t kFolderMode = 0755;
constexpr mode_t kStagingMode = 0700;

Error refused(std::string message) {
  return {ErrorCode::refused, std::move(message), false};
}

// RFC 9562, section 5.4: 122 random bits, version 4, variant 10.
Result<std::string> random_uuid() {
  std::array<std::byte, 16> bits{};
  if (::getrandom(bits.data(), bits.size(), 0) != static_cast<ssize_t>(bits.size()))
    return os_error("ask for random bytes");
  bits[6] = (bits[6] & std::byte{0x0f}) | std::byte{0x40};
  bits[8] = (bits[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text = to_hex(bits);
  for (const std::size_t at : {8U, 13U, 18U, 23U})
    text.insert(at, 1, '-');
  return text;
}

// Empty: there is none.
Result<std::optional<Marker>> read_marker(const Folder& root) {
  std::string path(kStoreFolder);
  path.append("/").append(kMarkerName);
  auto fd = open_beneath(root, path, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::not_found) return std::optional<Marker>{};
  if (!fd) return fd.error();
  CAVRA_TRY(const std::string text, read_small_file(fd->get(), kMaxDocumentBytes, path));
  auto marker = parse_marker(text);
  if (!marker) {
    return Error{ErrorCode::corrupt,
                 quoted(root.path + "/" + path) +
                     " is not the marker of a store; if this is one, restore that file",
                 false};
  }
  return marker;
}

Result<Folder> adopt(FileDescriptor fd, std::string path) {
  Folder folder{.fd = std::move(fd), .path = std::move(path), .status = {}};
  CAVRA_TRY(folder.status, status_of(folder.fd.get(), folder.path));
  return folder;
}

Result<FileDescriptor> open_path(const std::filesystem::path& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) return fd;
  const int problem = errno;  // making the message may change errno
  Error error = os_error("open the folder " + quoted(path.native()), problem);
  if (problem == ENOENT) error.code = ErrorCode::not_found;
  if (problem == ENOTDIR) error = refused(quoted(path.native()) + " is not a folder");
  return error;
}

// Makes the folder and what is missing above it, each name durable before the next.
Result<void> make_path(const std::filesystem::path& path) {
  std::vector<std::string> missing;
  std::filesystem::path at = path;
  Result<FileDescriptor> found = open_path(at);
  while (!found && found.error().code == ErrorCode::not_found && at.has_relative_path()) {
    missing.push_back(at.filename());
    at = at.parent_path();
    found = open_path(at);
  }
  CAVRA_TRY(Folder folder, adopt(*std::move(found), at));
  for (; !missing.empty(); missing.pop_back()) {
    if (::mkdirat(folder.fd.get(), missing.back().c_str(), kFolderMode) != 0 && errno != EEXIST)
      return os_error("make the folder " + quoted(folder.path + "/" + missing.back()));
    CAVRA_CHECK(sync_folder(folder));
    at /= missing.back();
    CAVRA_TRY(FileDescriptor next, open_path(at));
    CAVRA_TRY(folder, adopt(std::move(next), at));
  }
  return {};
}

Result<Folder> make_folder(const Folder& parent, const std::string& name, mode_t mode) {
  auto there = open_folder(parent, name);
  if (there || there.error().code != ErrorCode::not_found) return there;
  if (parent.is_sealed()) {
    return refused("the folder " + quoted(parent.path) +
                   " is sealed: nothing comes into it any more");
  }
  if (::mkdirat(parent.fd.get(), name.c_str(), mode) != 0 && errno != EEXIST)
    return os_error("make the folder " + quoted(parent.path + "/" + name));
  CAVRA_CHECK(sync_folder(parent));
  auto made = open_folder(parent, name);
  if (!made && made.error().code == ErrorCode::not_found)
    return refused(quoted(parent.path + "/" + name) + " is not a folder; another object is there");
  return made;
}

// Gives a folder its +a unless it keeps its names already. Where it is not new, a dead writer may
// have made it and not got to sync its parent.
Result<void> protect(const Sealer& sealer, const Folder& root, const Folder& parent, Folder& folder,
                     bool is_new) {
  if (folder.keeps_names()) return {};
  if (!is_new) {
    CAVRA_CHECK(sync_folder(parent));
  }
  CAVRA_TRY(const Folder staging, open_staging(root));
  CAVRA_CHECK(keep_names(sealer, staging, folder));
  CAVRA_TRY(folder.status, status_of(folder.fd.get(), folder.path));
  return {};
}

}  // namespace

Result<std::unique_ptr<StoreRoot>> StoreRoot::open(Settings settings) {
  std::unique_ptr<StoreRoot> store(new StoreRoot(std::move(settings)));
  CAVRA_CHECK(store->find());
  return store;
}

std::string_view StoreRoot::identity() const noexcept {
  const std::string* const text = identity_.load(std::memory_order_acquire);
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

Result<std::optional<Folder>> StoreRoot::open_root() const {
  auto fd = open_path(settings_.root);
  if (!fd && fd.error().code == ErrorCode::not_found) return std::optional<Folder>{};
  if (!fd) return fd.error();
  CAVRA_TRY(Folder root, adopt(*std::move(fd), settings_.root.native()));
  return std::optional<Folder>(std::move(root));
}

void StoreRoot::remember(const Folder& root, std::string id) {
  if (identity_.load() == nullptr) {
    identity_text_ = std::move(id);
    identity_.store(&identity_text_, std::memory_order_release);
  }
  device_ = root.status.device;
  inode_ = root.status.inode;
}

Result<std::optional<Folder>> StoreRoot::find() {
  // Opened under the lock: a root looked for before another session made it is no root that went.
  const std::scoped_lock lock(mutex_);
  CAVRA_TRY(std::optional<Folder> root, open_root());
  const bool is_known = identity_.load() != nullptr;
  if (is_known && root && root->status.device == device_ && root->status.inode == inode_)
    return root;
  // A copy has the same marker, and not what this run has put.
  if (is_known) {
    return refused("the store at " + quoted(settings_.root.native()) +
                   " is not the one that this run began with (" + identity_text_ +
                   "): it was moved, replaced or mounted over; put it back");
  }
  std::optional<Marker> marker;
  if (root) {
    CAVRA_TRY(marker, read_marker(*root));
  }
  if (!marker) return std::optional<Folder>{};
  remember(*root, marker->id);
  return root;
}

Result<void> StoreRoot::make_marker(const Folder& store, const Folder& staging) {
  if (open_beneath(store, kMarkerName, O_RDONLY)) return {};
  CAVRA_TRY(const std::string id, random_uuid());
  CAVRA_TRY(NamelessFile file, NamelessFile::create(staging, 0));
  CAVRA_CHECK(file.write(as_bytes(format_marker({.id = id}))));
  CAVRA_CHECK(file.set_attributes({}));
  CAVRA_TRY(const FileDescriptor fd, std::move(file).settle(Sync::alone));
  const auto published = name_file(fd.get(), store, kMarkerName, Sync::alone);
  // Conflict: another process was quicker, and its marker holds.
  if (!published && published.error().code != ErrorCode::conflict) return published.error();
  return sync_folder(store);
}

Result<void> StoreRoot::make_inside(Folder& root) {
  CAVRA_TRY(Folder store, make_folder(root, std::string(kStoreFolder), kFolderMode));
  CAVRA_TRY(const Folder staging, make_folder(store, "staging", kStagingMode));
  CAVRA_TRY(Folder records, make_folder(store, "records", kFolderMode));
  CAVRA_CHECK(make_marker(store, staging));
  if (is_advisory()) return {};
  CAVRA_TRY(const FileDescriptor marker, open_beneath(store, kMarkerName, O_RDONLY));
  CAVRA_TRY(const FileStatus status, status_of(marker.get(), "the marker"));
  if (!status.flags || !status.flags->is_immutable) {
    CAVRA_CHECK(forbid_writers(marker.get(), "the store's marker"));
    CAVRA_CHECK(seal_file(sealer_, marker.get(), "the store's marker", Sync::alone));
  }
  CAVRA_CHECK(protect(sealer_, root, store, records, false));
  CAVRA_CHECK(protect(sealer_, root, root, store, false));
  if (!root.keeps_names()) {
    CAVRA_CHECK(keep_names(sealer_, staging, root));
    CAVRA_TRY(root.status, status_of(root.fd.get(), root.path));
  }
  return {};
}

Result<Folder> StoreRoot::make() {
  CAVRA_TRY(std::optional<Folder> found, find());
  const std::scoped_lock lock(mutex_);
  if (found && is_made_) return *std::move(found);
  if (!found) {
    CAVRA_CHECK(make_path(settings_.root));
    CAVRA_TRY(found, open_root());
    if (!found) return refused("the folder " + quoted(settings_.root.native()) + " went away");
    CAVRA_TRY(const auto marker, read_marker(*found));
    if (!marker) {
      CAVRA_CHECK(require_no_other_things(*found));
    }
  }
  CAVRA_CHECK(make_inside(*found));
  CAVRA_TRY(const auto marker, read_marker(*found));
  if (!marker) return refused("the marker of " + quoted(found->path) + " went away");
  remember(*found, marker->id);
  is_made_ = true;
  return *std::move(found);
}

Result<Folder> StoreRoot::make_folders(const Folder& root, std::span<const std::string> parts) {
  CAVRA_TRY(FolderWay way, walk(root, {}));
  Folder at = std::move(way.folder);
  for (const std::string& part : parts) {
    auto there = open_folder(at, part);
    if (!there && there.error().code != ErrorCode::not_found) return there.error();
    const bool is_new = !there;
    if (is_new) {
      CAVRA_TRY(CaseIndex::Claim claim, names_.claim(at, part));
      there = make_folder(at, part, kFolderMode);
      if (!there) return there.error();
      claim.keep();
    }
    Folder next = *std::move(there);
    if (!is_advisory()) {
      CAVRA_CHECK(protect(sealer_, root, at, next, is_new));
    }
    at = std::move(next);
  }
  return at;
}

Result<void> require_no_other_things(const Folder& root) {
  return for_each_entry(root, [&](const FolderEntry& entry) -> Result<void> {
    if (entry.name == kStoreFolder || entry.name == "lost+found") return {};
    return refused("the folder " + quoted(root.path) + " is no store and holds other things (" +
                   quoted(entry.name) + "); name an empty or a new folder as \"root\"");
  });
}

Result<Folder> open_staging(const Folder& root) {
  const std::vector<std::string> parts{std::string(kStoreFolder), "staging"};
  CAVRA_TRY(FolderWay way, walk(root, parts));
  return std::move(way.folder);
}

}  // namespace cavra::local_worm
