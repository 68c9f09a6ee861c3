// A bundle written before, which a new one of the same place replaces.
#pragma once

#include <string>
#include <vector>

#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

struct EarlierBundle {
  FileDescriptor folder;
  std::vector<std::string> files;  // the members, and the manifest last
  std::string algorithm;           // of its signature
};

// Takes the folder for a bundle only where its manifest has our schema, and nothing lies in it
// that the manifest does not list. Errors: refused, with what else is there.
[[nodiscard]] Result<EarlierBundle> recognize_earlier_bundle(FileDescriptor folder,
                                                             const std::string& name);

// Removes its files, and the folders that were theirs alone; nothing else. Its own folder stays.
// Errors: io.
[[nodiscard]] Result<void> remove_files(const EarlierBundle& bundle);

}  // namespace cavra
