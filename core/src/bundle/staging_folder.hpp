// StagingFolder is where a new bundle is written: beside its place, until it is whole.
//
// A staging folder that was not published is removed with all that is in it, and so are the parent
// folders that were made for it. Its owner holds a flock on it: what runs that were killed left
// beside the same output is removed by the next one, once nobody holds it; age never counts. Until
// it is published it has the sticky bit, which no bundle has. Not copyable; not synchronised.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bundle/earlier_bundle.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

class StagingFolder {
 public:
  // Errors: usage (`output` names no folder of its own), refused (something other than nothing, an
  // empty folder or an earlier bundle is there), io.
  [[nodiscard]] static Result<std::unique_ptr<StagingFolder>> make(
      const std::filesystem::path& output);
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  // The bundle whose place this one takes; null where there is none.
  [[nodiscard]] const EarlierBundle* earlier() const noexcept {
    return earlier_ ? &*earlier_ : nullptr;
  }
  // Makes a folder in it, and those above that are missing. Errors: io.
  [[nodiscard]] Result<void> make_folders(const std::string& path);
  // Syncs all that is in it, and renames it to its place, in one step. Errors: refused (something
  // else came there meanwhile), io.
  [[nodiscard]] Result<void> publish();

 private:
  StagingFolder() = default;
  Result<void> look_at_output();
  Result<void> make_parents();
  void sweep() const;
  Result<void> make_staging();
  [[nodiscard]] std::string staging_prefix()
      const;  // of the names of all that stage for the output

  std::filesystem::path output_;
  std::filesystem::path parent_;
  std::vector<std::filesystem::path> made_parents_;  // from the top down
  std::filesystem::path staging_;                    // empty: nothing to remove
  FileDescriptor fd_;
  std::string last_made_;  // the folder in it that was made last
  mode_t mode_ = 0;        // of the folder once it is a bundle
  bool is_output_empty_folder_ = false;
  std::optional<EarlierBundle> earlier_;
};

}  // namespace cavra
