// FileSource hands out the bytes of one open file, and hashes them on the way (invariant I1).
//
// What goes into a store is compared with what was verified: the digest of the bytes handed out,
// and the file's identity before and after. Each byte is hashed once, when it is first read; bytes
// read again, in any order, also after the verdict, are those of the same file, of which it is made
// sure that nobody wrote to it meanwhile. The file is open only while it is read, so that many
// sources can wait in a batch (invariant I11). Not synchronised: one put at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cavra/hasher.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra::engine {

// Opens the file, and makes sure that it is the one meant.
using FileOpener = std::function<Result<FileDescriptor>()>;

class FileSource final : public ObjectSource {
 public:
  // `name` is for messages. `on_bytes` gets the number of bytes handed out for the first time.
  FileSource(FileOpener open, const FileIdentity& identity, const Digest& sha256, std::string name,
             std::unique_ptr<Hasher> hasher, std::function<void(std::uint64_t)> on_bytes);

  [[nodiscard]] std::uint64_t length() const override { return identity_.size; }
  // Errors: corrupt (the file ends early; was written to, for bytes that are read again), io,
  // internal (a gap: a plugin's mistake), the opener's.
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset,
                                            std::span<std::byte> buffer) override;
  // Errors: corrupt (changed since it was verified), internal (not all was read), io.
  [[nodiscard]] Result<void> finish() override;

 private:
  [[nodiscard]] Error changed(std::string_view how) const;
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> check_unchanged() const;

  FileOpener open_;
  FileDescriptor file_;
  FileIdentity identity_;
  Digest sha256_;
  std::string name_;
  std::unique_ptr<Hasher> hasher_;
  std::function<void(std::uint64_t)> on_bytes_;
  std::uint64_t hashed_ = 0;      // bytes from the start that the hasher has
  std::optional<Digest> digest_;  // once finish() has asked for it
};

}  // namespace cavra::engine
