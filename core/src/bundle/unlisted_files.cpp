#include "bundle/unlisted_files.hpp"

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "bundle/bundle_file.hpp"
#include "bundle/member_path.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using FolderHandle = std::unique_ptr<DIR, CloseFolder>;

// Calls body(name) for each entry but "." and "..", while it returns true. False where the folder
// could not be read to its end; errno says why.
template <class Body>
bool for_each_entry(FileDescriptor fd, Body body) {
  const FolderHandle folder(::fdopendir(fd.get()));
  if (!folder) return false;
  (void)fd.release();  // the handle closes it
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) return errno == 0;
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !body(name)) return true;
  }
}

class Walk {
 public:
  Walk(int root, std::span<const std::string_view> listed,
       const std::function<bool()>& is_cancelled)
      : root_(root), is_cancelled_(is_cancelled), listed_(listed.begin(), listed.end()) {
    for (const std::string_view path : listed) {
      for (std::size_t end = path.rfind('/'); end != std::string_view::npos && end > 0;
           end = path.rfind('/', end - 1)) {
        if (!folders_.insert(path.substr(0, end)).second) break;  // those above are there already
      }
    }
  }

  Findings run() {
    pending_.push_back({});
    while (!pending_.empty()) {
      const std::string_view folder = pending_.back();
      pending_.pop_back();
      look_into(folder);
    }
    for (const std::string& name : told_) {
      findings_.push_back({"bundle.unlisted", printable(name),
                           quoted(name) +
                               " lies in the bundle, and the manifest does not list it: nothing "
                               "signs it; move it away"});
    }
    if (count_ > told_.size()) {
      findings_.push_back({"bundle.unlisted", "",
                           "and " + std::to_string(count_ - told_.size()) +
                               " more that the manifest does not list"});
    }
    return std::move(findings_);
  }

 private:
  // `path` is a folder that leads to something listed, or the bundle's own (empty).
  void look_into(std::string_view path) {
    auto opened = open_bundle_folder(root_, path.empty() ? "." : std::string(path));
    if (const auto* problem = std::get_if<FileProblem>(&opened)) {
      // Of a missing folder, a link and the like the members in it are findings already.
      if (problem->kind == FileProblem::Kind::unreadable) fail(path, problem->message);
      return;
    }
    const bool is_read =
        for_each_entry(std::get<FileDescriptor>(std::move(opened)), [&](std::string_view name) {
          if (is_cancelled_ && is_cancelled_()) return false;
          take(path, name);
          return true;
        });
    if (!is_read) fail(path, "cannot be read: " + std::generic_category().message(errno));
    if (is_cancelled_ && is_cancelled_()) pending_.clear();
  }

  void take(std::string_view folder, std::string_view name) {
    name_.assign(folder);
    if (!folder.empty()) name_ += '/';
    name_ += name;
    if (name_ == kManifestName || listed_.contains(name_)) return;
    if (const auto known = folders_.find(name_); known != folders_.end())
      return pending_.push_back(*known);
    ++count_;
    told_.insert(name_);
    if (told_.size() > kMaxUnlistedTold) told_.erase(std::prev(told_.end()));
  }

  void fail(std::string_view path, const std::string& problem) {
    const std::string name = path.empty() ? "the bundle's folder" : quoted(path);
    findings_.push_back({"bundle.unreadable", printable(path),
                         name + ' ' + problem + "; what lies in it is not known"});
  }

  int root_;
  const std::function<bool()>& is_cancelled_;
  std::unordered_set<std::string_view> listed_;
  std::unordered_set<std::string_view> folders_;  // parts of listed paths
  std::vector<std::string_view> pending_;
  std::string name_;
  std::set<std::string> told_;
  std::size_t count_ = 0;
  Findings findings_;
};

// How many listed names each folder has. Paths that lie together in their order are counted without
// looking anything up.
class FolderCounts {
 public:
  explicit FolderCounts(std::span<const std::string_view> listed) {
    counts_[""] = 1;  // the manifest
    std::string_view last;
    std::size_t* of_last = &counts_[""];
    for (const std::string_view path : listed) {
      const std::string_view folder = parent(path);
      if (folder != last) {
        of_last = &count_of(folder);
        last = folder;
      }
      ++*of_last;
    }
  }

  [[nodiscard]] const std::unordered_map<std::string_view, std::size_t>& counts() const {
    return counts_;
  }

 private:
  static std::string_view parent(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  }

  // A folder that is new is an entry of the one above it.
  std::size_t& count_of(std::string_view folder) {
    const auto [place, is_new] = counts_.try_emplace(folder, 0);
    std::size_t& count = place->second;
    if (is_new) ++count_of(parent(folder));
    return count;
  }

  std::unordered_map<std::string_view, std::size_t> counts_;
};

// Nothing where it cannot be read.
std::optional<std::size_t> count_entries(int root, std::string_view path, std::size_t most) {
  auto opened = open_bundle_folder(root, path.empty() ? "." : std::string(path));
  if (!std::holds_alternative<FileDescriptor>(opened)) return std::nullopt;
  std::size_t count = 0;
  const bool is_read = for_each_entry(std::get<FileDescriptor>(std::move(opened)),
                                      [&](std::string_view) { return ++count <= most; });
  return is_read ? std::optional(count) : std::nullopt;
}

}  // namespace

bool has_as_many_as_listed(int folder, std::span<const std::string_view> listed_paths,
                           const std::function<bool()>& is_cancelled) {
  const FolderCounts listed(listed_paths);
  for (const auto& [path, count] : listed.counts()) {
    if (is_cancelled && is_cancelled()) return false;
    if (count_entries(folder, path, count) != count) return false;
  }
  return true;
}

Findings find_unlisted(int folder, std::span<const std::string_view> listed_paths,
                       const std::function<bool()>& is_cancelled) {
  return Walk(folder, listed_paths, is_cancelled).run();
}

}  // namespace cavra
