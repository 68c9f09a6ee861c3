// A file of a bundle: opened beneath its folder and nowhere else, read once, hashed while read.
//
// Opening follows no link, leaves no mount, and waits for no pipe. Not synchronised: one thread a
// reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "bundle/progress.hpp"
#include "cavra/hasher.hpp"
#include "cavra/json.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra {

struct OpenFile {
  FileDescriptor fd;
  FileIdentity identity;
};

// Why a file of a bundle cannot be used.
struct FileProblem {
  enum class Kind { missing, link, mount, not_regular, unreadable };
  Kind kind;
  std::string message;  // goes on from the file's name: "is not there; …"
};

// `path` is a member path, relative to the open folder.
[[nodiscard]] std::variant<OpenFile, FileProblem> open_bundle_file(int folder,
                                                                   const std::string& path);
// The same for a folder in it; "." is the folder itself.
[[nodiscard]] std::variant<FileDescriptor, FileProblem> open_bundle_folder(int folder,
                                                                           const std::string& path);

// Gives a file's bytes up to the size that it had when it was opened, and hashes them on the way.
class FileReader final : public ByteSource {
 public:
  // All lent. `hasher` must be fresh; null: nothing is hashed.
  FileReader(const OpenFile& file, Hasher* hasher, Progress& progress)
      : file_(file), hasher_(hasher), progress_(progress) {}

  // Errors: io; cancelled.
  Result<std::size_t> read(std::span<std::byte> buffer) override;
  // Reads what is left. Errors: as read().
  [[nodiscard]] Result<void> drain(std::span<std::byte> buffer);
  // Whether the file is still what was opened, and was read to its end. Errors: io.
  [[nodiscard]] Result<bool> is_unchanged() const;

 private:
  const OpenFile& file_;
  Hasher* hasher_;
  Progress& progress_;
  std::uint64_t offset_ = 0;
};

}  // namespace cavra
