#include "bundle/earlier_bundle.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <set>

#include "bundle/bundle_file.hpp"
#include "bundle/finding_list.hpp"
#include "bundle/manifest.hpp"
#include "bundle/member_path.hpp"
#include "bundle/progress.hpp"
#include "bundle/unlisted_files.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/verify.hpp"
#include "cavra/write_file.hpp"

namespace cavra {
namespace {

Error refuse(const std::string& name, const std::string& why) {
  return {ErrorCode::refused,
          quoted(name) + " is not empty, and no earlier bundle that may be replaced: " + why +
              "; name another folder"};
}

// The folder that a path lies in; "." is the bundle's own.
std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : std::string(path.substr(0, slash));
}

std::string name_of(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
}

// Removes one name, if it is still there. Its folder is opened without following links.
Result<void> remove_one(int folder, const std::string& path, int flags) {
  auto opened = open_bundle_folder(folder, parent_of(path));
  if (const auto* problem = std::get_if<FileProblem>(&opened)) {
    if (problem->kind == FileProblem::Kind::missing) return {};
    return Error{ErrorCode::io,
                 "cannot remove " + quoted(path) + ": its folder " + problem->message};
  }
  const int parent = std::get<FileDescriptor>(opened).get();
  if (::unlinkat(parent, name_of(path).c_str(), flags) == 0 || errno == ENOENT) return {};
  return os_error("remove " + quoted(path), errno);
}

}  // namespace

Result<EarlierBundle> recognize_earlier_bundle(FileDescriptor folder, const std::string& name) {
  const VerifyPolicy policy;
  Progress progress(policy);
  FindingList findings;
  const auto hasher = make_sha256();
  auto manifest = read_manifest(folder.get(), *hasher, progress, findings);
  if (!manifest || !findings.empty()) return refuse(name, findings.take().front().message);

  EarlierBundle bundle{
      .folder = std::move(folder), .files = {}, .algorithm = manifest->facts.signature.algorithm};
  std::vector<std::string_view> paths;
  for (const ManifestEntry& entry : manifest->entries)
    paths.push_back(entry.path);
  const Findings unlisted = find_unlisted(bundle.folder.get(), paths, {});
  if (!unlisted.empty()) return refuse(name, unlisted.front().message);
  for (ManifestEntry& entry : manifest->entries)
    bundle.files.push_back(std::move(entry.path));
  bundle.files.emplace_back(kManifestName);
  return bundle;
}

Result<void> remove_files(const EarlierBundle& bundle) {
  std::set<std::string, std::greater<>> folders;  // what lies deeper comes first
  for (const std::string& path : bundle.files) {
    CAVRA_CHECK(remove_one(bundle.folder.get(), path, 0));
    for (std::string parent = parent_of(path); parent != "."; parent = parent_of(parent)) {
      if (!folders.insert(parent).second) break;
    }
  }
  for (const std::string& path : folders)
    CAVRA_CHECK(remove_one(bundle.folder.get(), path, AT_REMOVEDIR));
  return {};
}

}  // namespace cavra
