#include "bundle/unlisted_files.hpp"

#include <dirent.h>

#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <unordered_set>
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
    FileDescriptor& fd = std::get<FileDescriptor>(opened);
    const FolderHandle folder(::fdopendir(fd.get()));
    if (!folder) return fail(path, "cannot be read: " + std::generic_category().message(errno));
    (void)fd.release();  // the handle closes it
    for (;;) {
      if (is_cancelled_ && is_cancelled_()) return pending_.clear();
      errno = 0;
      const dirent* entry = ::readdir(folder.get());
      if (entry == nullptr) break;
      take(path, entry->d_name);
    }
    if (errno != 0) fail(path, "cannot be read: " + std::generic_category().message(errno));
  }

  void take(std::string_view folder, std::string_view name) {
    if (name == "." || name == "..") return;
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

}  // namespace

Findings find_unlisted(int folder, std::span<const std::string_view> listed_paths,
                       const std::function<bool()>& is_cancelled) {
  return Walk(folder, listed_paths, is_cancelled).run();
}

}  // namespace cavra
