// SealedFile is a plugin file as it was read once: bytes in memory that nobody can change, and
// their hash.
//
// What is hashed, checked and run are these bytes, whatever becomes of the file. Any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra::plugin {

struct SealedFile {
  FileDescriptor memfd;  // sealed against writing, growing and shrinking
  std::size_t size = 0;
  std::string sha256;  // lower-case hex
};

// Reads a file that nobody but its owner, root or this user, could have written. `file` is
// absolute; its last part is no symbolic link. Errors: usage (not there; not fit, and what to do),
// io.
[[nodiscard]] Result<SealedFile> seal_file(const std::filesystem::path& file);

// Read-only view of the bytes of a SealedFile.
class MappedBytes {
 public:
  [[nodiscard]] static Result<MappedBytes> of(const SealedFile& file);
  MappedBytes(MappedBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedBytes& operator=(MappedBytes&&) = delete;
  ~MappedBytes();

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  explicit MappedBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace cavra::plugin
