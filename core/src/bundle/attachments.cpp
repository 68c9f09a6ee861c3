#include "bundle/attachments.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "bundle/bundle_file.hpp"
#include "bundle/member_path.hpp"
#include "cavra/keys.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/verify.hpp"
#include "cavra/write_file.hpp"

namespace cavra {
namespace {

// In which a private key is looked for.
constexpr std::size_t kBeginningBytes = 4096;

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

Error fail(const std::filesystem::path& path, const std::string& problem) {
  return {ErrorCode::usage, "the attachment " + quoted(path.native()) + ' ' + problem};
}

bool is_cancelled(const AttachmentRules& rules) {
  return rules.is_cancelled && rules.is_cancelled();
}

Error interrupted() {
  return {ErrorCode::cancelled, "interrupted"};
}

std::string os_text(int error_number) {
  return std::generic_category().message(error_number);
}

// The files beneath one folder, without following links.
class FolderLister {
 public:
  FolderLister(std::filesystem::path folder, std::string name, const AttachmentRules& rules,
               std::vector<Attachment>& out)
      : folder_(std::move(folder)), name_(std::move(name)), rules_(rules), out_(out) {}

  Result<void> list() {
    root_ =
        FileDescriptor(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!root_) return fail(folder_, "cannot be opened: " + os_text(errno));
    pending_.push_back(".");
    while (!pending_.empty()) {
      const std::string next = std::move(pending_.back());
      pending_.pop_back();
      CAVRA_CHECK(look_into(next));
    }
    return {};
  }

 private:
  Result<void> look_into(const std::string& path) {
    auto opened = open_bundle_folder(root_.get(), path);
    if (const auto* problem = std::get_if<FileProblem>(&opened))
      return fail(folder_ / path, problem->message);
    FileDescriptor& fd = std::get<FileDescriptor>(opened);
    const std::unique_ptr<DIR, CloseFolder> folder(::fdopendir(fd.get()));
    if (!folder) return fail(folder_ / path, "cannot be read: " + os_text(errno));
    (void)fd.release();  // the handle closes it
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(folder.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (is_cancelled(rules_)) return interrupted();
      CAVRA_CHECK(take(::dirfd(folder.get()), name, path == "." ? name : path + '/' + name));
    }
    if (errno != 0) return fail(folder_ / path, "cannot be read: " + os_text(errno));
    return {};
  }

  Result<void> take(int folder, const std::string& name, const std::string& path) {
    struct ::stat seen{};
    if (::fstatat(folder, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0)
      return fail(folder_ / path, "cannot be looked at: " + os_text(errno));
    const std::string member_path = name_ + '/' + path;
    if (const std::string why = why_no_member_path(member_path); !why.empty())
      return fail(folder_ / path, "cannot be a member of a bundle: its path " + why);
    if (S_ISDIR(seen.st_mode)) {
      pending_.push_back(path);
      return {};
    }
    if (!S_ISREG(seen.st_mode))
      return fail(folder_ / path, "is a link or no regular file; attach the file itself");
    out_.push_back({member_path, folder_, path});
    return {};
  }

  std::filesystem::path folder_;
  std::string name_;
  const AttachmentRules& rules_;
  std::vector<Attachment>& out_;
  FileDescriptor root_;
  std::vector<std::string> pending_;
};

Result<void> list_one(const std::filesystem::path& given, const AttachmentRules& rules,
                      std::vector<Attachment>& out) {
  std::filesystem::path path = given.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "a/" is "a"
  const std::string name = path.filename().native();
  struct ::stat seen{};
  if (::lstat(path.c_str(), &seen) != 0) return fail(given, "cannot be used: " + os_text(errno));
  if (const std::string why = why_no_member_path(name); !why.empty())
    return fail(given, "cannot be a member of a bundle: its name " + why);
  if (S_ISDIR(seen.st_mode)) return FolderLister(path, name, rules, out).list();
  if (!S_ISREG(seen.st_mode))
    return fail(given, "is a link or no regular file; attach the file itself");
  out.push_back({name, path.has_parent_path() ? path.parent_path() : ".", name});
  return {};
}

// What goes into a bundle stays for years, where others read it.
Result<void> check_no_secret(const std::filesystem::path& shown, const OpenFile& file,
                             const AttachmentRules& rules) {
  const std::string what_to_do =
      ", and a bundle is kept for years where others read it; take it out of what is attached, to "
      "a folder of its own";
  for (const std::filesystem::path& secret : rules.secrets) {
    struct ::stat seen{};
    if (::stat(secret.c_str(), &seen) == 0 && seen.st_dev == file.identity.device &&
        seen.st_ino == file.identity.inode)
      return fail(shown, "is the key that signs" + what_to_do);
  }
  std::array<std::byte, kBeginningBytes> bytes{};
  const ssize_t got = ::pread(file.fd.get(), bytes.data(), bytes.size(), 0);
  if (got < 0) return fail(shown, "cannot be read: " + os_text(errno));
  if (begins_private_key(std::span(bytes).first(static_cast<std::size_t>(got))))
    return fail(shown, "is a private key" + what_to_do);
  return {};
}

}  // namespace

Result<std::vector<Attachment>> list_attachments(std::span<const std::filesystem::path> given,
                                                 const AttachmentRules& rules) {
  std::vector<Attachment> attachments;
  for (const std::filesystem::path& path : given) {
    CAVRA_CHECK(list_one(path, rules, attachments));
    if (attachments.size() > kMaxMembers) return fail(path, "has too many files");
  }
  std::ranges::sort(attachments, {}, &Attachment::member_path);
  return attachments;
}

Result<WrittenFile> copy_attachment(const Attachment& attachment, int bundle_folder,
                                    const AttachmentRules& rules, Progress& progress) {
  const std::filesystem::path shown = attachment.folder / attachment.file;
  const FileDescriptor folder(
      ::open(attachment.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail(shown, "cannot be read: " + os_text(errno));
  auto opened = open_bundle_file(folder.get(), attachment.file);
  if (const auto* problem = std::get_if<FileProblem>(&opened)) return fail(shown, problem->message);
  const OpenFile& file = std::get<OpenFile>(opened);
  CAVRA_CHECK(check_no_secret(shown, file, rules));

  CAVRA_TRY(HashingFile copy, HashingFile::create(bundle_folder, attachment.member_path));
  FileReader reader(file, nullptr, progress);
  std::vector<std::byte> buffer(std::size_t{256} << 10);
  for (;;) {
    auto size = reader.read(buffer);
    if (!size && size.error().code == ErrorCode::cancelled) return interrupted();
    if (!size) return fail(shown, size.error().message);
    if (*size == 0) break;
    CAVRA_CHECK(copy.append(std::span(buffer).first(*size)));
  }
  CAVRA_TRY(const bool is_unchanged, reader.is_unchanged());
  if (!is_unchanged) return fail(shown, "changed while it was read; try again when it is still");
  return copy.finish();
}

}  // namespace cavra
