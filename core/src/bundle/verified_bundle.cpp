#include "cavra/verified_bundle.hpp"

#include <sys/stat.h>

#include "bundle/bundle_file.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra {

FileIdentity FileIdentity::of(const struct ::stat& seen) noexcept {
  return {seen.st_dev, seen.st_ino, static_cast<std::uint64_t>(seen.st_size), seen.st_mtim,
          seen.st_ctim};
}

bool operator==(const FileIdentity& a, const FileIdentity& b) noexcept {
  const auto is_same = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.device == b.device && a.inode == b.inode && a.size == b.size &&
         is_same(a.modified, b.modified) && is_same(a.changed, b.changed);
}

Result<FileDescriptor> VerifiedBundle::open(const Member& member) const {
  const auto fail = [&](ErrorCode code, const std::string& problem) {
    return Error{code, quoted(member.path) + " of the bundle " + quoted(name_) + ' ' + problem};
  };
  auto opened = open_bundle_file(directory_.get(), member.path);
  if (const auto* problem = std::get_if<FileProblem>(&opened)) {
    const bool is_unreadable = problem->kind == FileProblem::Kind::unreadable;
    return fail(is_unreadable ? ErrorCode::io : ErrorCode::corrupt, problem->message);
  }
  OpenFile& file = std::get<OpenFile>(opened);
  if (file.identity == member.file) return std::move(file.fd);
  return fail(ErrorCode::corrupt,
              "was replaced or changed since it was verified; let nothing write to the bundle, "
              "and start again");
}

}  // namespace cavra
