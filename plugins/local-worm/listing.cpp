#include "listing.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>

#include "cavra/support/encoding.hpp"
#include "object_key.hpp"

namespace cavra::local_worm {
namespace {

// Empty: neither a regular file nor a folder, or gone meanwhile.
Result<std::optional<FileStatus>> look_at(const Folder& root, const std::string& path) {
  const auto fd = open_beneath(root, path, O_PATH);
  if (!fd && (fd.error().code == ErrorCode::not_found || fd.error().code == ErrorCode::refused))
    return std::optional<FileStatus>{};
  if (!fd) return fd.error();
  CAVRA_TRY(const FileStatus status, status_of(fd->get(), path));
  if (!status.is_regular() && !status.is_folder()) return std::optional<FileStatus>{};
  return std::optional<FileStatus>(status);
}

}  // namespace

// `key` is that of an object, or of a folder and then ends in '/': whether it, or something in it,
// is to be told.
bool Listing::is_wanted(std::string_view key) const {
  const bool is_folder = key.ends_with('/');
  const std::string_view name = is_folder ? key.substr(0, key.size() - 1) : key;
  if (!ObjectKey::parse(name)) return false;  // the store's own folder, and what can be no key
  const bool is_under_prefix =
      key.starts_with(prefix_) || (is_folder && std::string_view(prefix_).starts_with(key));
  const bool is_behind = key > last_ || (is_folder && std::string_view(last_).starts_with(key));
  return is_under_prefix && is_behind;
}

Result<void> Listing::enter(const sdk::Call& call, const Folder& root, std::string path) {
  std::vector<std::string> parts;
  if (!path.empty()) {
    auto parsed = parse_folder_prefix(path);
    if (!parsed) return {};  // no key looks like that, so there is nothing to tell
    parts = *std::move(parsed);
  }
  const auto way = walk(root, parts);
  if (!way && way.error().code == ErrorCode::not_found) return {};
  if (!way) return way.error();

  Level level{.path = std::move(path), .names = {}};
  std::size_t seen = 0;
  const auto take = [&](const FolderEntry& entry) -> Result<void> {
    if (seen++ % 1024 == 0) {
      CAVRA_CHECK(call.check());
    }
    std::string name(entry.name);
    bool is_folder = entry.type == DT_DIR;
    if (entry.type == DT_UNKNOWN) {
      CAVRA_TRY(const auto status, look_at(root, level.path + name));
      if (!status) return {};
      is_folder = status->is_folder();
    } else if (!is_folder && entry.type != DT_REG) {
      return {};
    }
    if (is_folder) name.push_back('/');
    if (is_wanted(level.path + name)) level.names.push_back(std::move(name));
    return {};
  };
  CAVRA_CHECK(for_each_entry(way->folder, take));
  // With its '/', "a/" sorts where the keys below it belong: behind "a.b", before "a0".
  std::ranges::sort(level.names);
  levels_.push_back(std::move(level));
  return {};
}

Result<std::optional<ListedObject>> Listing::next(const sdk::Call& call, const Folder& root) {
  if (!has_begun_) {
    const std::size_t slash = prefix_.rfind('/');
    CAVRA_CHECK(enter(call, root, prefix_.substr(0, slash == std::string::npos ? 0 : slash + 1)));
    has_begun_ = true;
  }
  while (!levels_.empty()) {
    CAVRA_CHECK(call.check());
    Level& level = levels_.back();
    if (level.at == level.names.size()) {
      levels_.pop_back();
      continue;
    }
    std::string key = level.path + level.names[level.at++];
    if (key.ends_with('/')) {
      CAVRA_CHECK(enter(call, root, std::move(key)));
      continue;
    }
    CAVRA_TRY(const auto status, look_at(root, key));
    if (!status || !status->is_regular()) continue;
    last_ = key;
    return std::optional<ListedObject>({.key = std::move(key),
                                        .length = status->size,
                                        .modified_unix_s = status->modified_unix_s});
  }
  return std::optional<ListedObject>{};
}

}  // namespace cavra::local_worm
