// Files that are added to a bundle beside what it always has.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bundle/hashing_file.hpp"
#include "bundle/progress.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

struct Attachment {
  std::string member_path;
  std::filesystem::path folder;  // that it is read beneath
  std::string file;              // relative to `folder`
};

// What an attachment must not be, and when to stop.
struct AttachmentRules {
  std::vector<std::filesystem::path> secrets;  // files of keys
  std::function<bool()> is_cancelled;          // may be empty
};

// Each file given, under its own name; each folder's files, under the folder's name. Sorted by
// member path. Errors: usage (not there, a link or no regular file among them, a name that no
// member may have, too many), io, cancelled.
[[nodiscard]] Result<std::vector<Attachment>> list_attachments(
    std::span<const std::filesystem::path> given, const AttachmentRules& rules);

// Copies it to the bundle's folder, where its parent folders are there. Errors: usage (it changed
// since, or cannot be read; it is a private key), io, cancelled.
[[nodiscard]] Result<WrittenFile> copy_attachment(const Attachment& attachment, int bundle_folder,
                                                  const AttachmentRules& rules, Progress& progress);

}  // namespace cavra
