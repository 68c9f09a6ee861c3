// HashingFile writes one new file of a bundle, and hashes what it writes.
//
// Not copyable; not synchronised. The file counts only after finish(): whoever made its folder
// removes it else, and syncs it before it is given its name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/hasher.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

struct WrittenFile {
  std::string path;  // relative to the bundle
  Digest sha256;
  std::uint64_t bytes = 0;
};

class HashingFile {
 public:
  // A file that must not be there yet, 0644 before the umask. Errors: io.
  [[nodiscard]] static Result<HashingFile> create(int folder, std::string path);

  // Errors: io.
  [[nodiscard]] Result<void> append(std::string_view text);
  [[nodiscard]] Result<void> append(std::span<const std::byte> bytes);
  // Bytes so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return bytes_ + buffer_.size(); }
  // Appends what stands in `from` at `offset`; `from` must be flushed. Errors: io.
  [[nodiscard]] Result<void> append_from(const HashingFile& from, std::uint64_t offset,
                                         std::uint64_t length);
  // Everything so far to the file. Errors: io.
  [[nodiscard]] Result<void> flush();
  // Flushes and closes. Errors: io.
  [[nodiscard]] Result<WrittenFile> finish();

 private:
  HashingFile(FileDescriptor fd, std::string path);

  FileDescriptor fd_;
  std::string path_;
  std::unique_ptr<Hasher> hasher_;
  std::vector<std::byte> buffer_;
  std::uint64_t bytes_ = 0;  // written
};

}  // namespace cavra
