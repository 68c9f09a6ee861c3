#include "seal_tree.hpp"

#include <dirent.h>

#include <utility>
#include <vector>

#include "durable_file.hpp"
#include "store_root.hpp"

namespace cavra::local_worm {
namespace {

// One folder on the way down. Only names are kept: a deep tree must not use up the descriptors.
struct Level {
  std::vector<std::string> subfolders;  // still to be sealed
};

Result<std::vector<std::string>> subfolders_of(const Folder& folder) {
  std::vector<std::string> names;
  CAVRA_CHECK(for_each_entry(folder, [&](const FolderEntry& entry) -> Result<void> {
    bool is_folder = entry.type == DT_DIR;
    if (entry.type == DT_UNKNOWN)
      is_folder = static_cast<bool>(open_folder(folder, std::string(entry.name)));
    if (is_folder) names.emplace_back(entry.name);
    return {};
  }));
  return names;
}

}  // namespace

Result<void> seal_tree(const Sealer& sealer, const sdk::Call& call, const Folder& root,
                       std::span<const std::string> parts) {
  CAVRA_TRY(const Folder staging, open_staging(root));
  std::vector<std::string> path(parts.begin(), parts.end());
  std::vector<Level> levels;
  bool is_new = true;  // the folder at `path` was just come to, from above
  for (;;) {
    CAVRA_CHECK(call.check());
    if (is_new) {
      CAVRA_TRY(const FolderWay way, walk(root, path));
      CAVRA_TRY(auto subfolders, subfolders_of(way.folder));
      levels.push_back({std::move(subfolders)});
    }
    std::vector<std::string>& subfolders = levels.back().subfolders;
    is_new = !subfolders.empty();
    if (is_new) {
      path.push_back(std::move(subfolders.back()));
      subfolders.pop_back();
      continue;
    }
    CAVRA_TRY(const FolderWay way, walk(root, path));
    CAVRA_CHECK(seal_folder(sealer, staging, way.folder));
    levels.pop_back();
    if (levels.empty()) return {};
    path.pop_back();
  }
}

}  // namespace cavra::local_worm
