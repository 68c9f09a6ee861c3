// Files that are added to a bundle beside what it always has.
#pragma once

#include <filesystem>
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

// Each file given, under its own name; each folder's files, under the folder's name. Sorted by
// member path. Errors: usage (not there, a link or no regular file among them, a name that no
// member may have, too many), io.
[[nodiscard]] Result<std::vector<Attachment>> list_attachments(
    std::span<const std::filesystem::path> given);

// Copies it to the bundle's folder, where its parent folders are there. Errors: usage (it changed
// since, or cannot be read), cancelled, io.
[[nodiscard]] Result<WrittenFile> copy_attachment(const Attachment& attachment, int bundle_folder,
                                                  Progress& progress);

}  // namespace cavra
