// The folder that a restored bundle grows in: beside its place, private, renamed in once whole.
#pragma once

#include <filesystem>
#include <string>

#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// Making files is safe from any thread. It goes with all that is in it, unless it was published.
class RestoreFolder {
 public:
  // Errors: refused (`output` is there and is no empty folder), io.
  [[nodiscard]] static Result<RestoreFolder> create(const std::filesystem::path& output);

  RestoreFolder(RestoreFolder&& other) noexcept = default;
  RestoreFolder& operator=(RestoreFolder&&) = delete;
  ~RestoreFolder();

  // A new empty file at a member path, its folders made. Follows no link. Errors: io.
  [[nodiscard]] Result<FileDescriptor> make_file(const std::string& member) const;
  // Makes all durable and gives it its name. Errors: refused (the place was taken meanwhile), io.
  [[nodiscard]] Result<void> publish() &&;

 private:
  RestoreFolder() = default;
  [[nodiscard]] std::filesystem::path place() const { return parent_path_ / temporary_name_; }

  std::filesystem::path parent_path_;
  std::string output_name_;
  std::string temporary_name_;  // empty once published
  FileDescriptor parent_;
  FileDescriptor folder_;
};

}  // namespace cavra::engine
