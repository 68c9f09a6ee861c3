// A receipt on its way into the receipts folder: a file there without a name, until it is whole.
//
// The receipts folder holds receipts and nothing else, each named after its digest, each whole; a
// process that dies leaves nothing. Where the file system knows no files without names (NFS), it
// has one in a staging folder, and a process that is killed leaves it there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cavra/hasher.hpp"
#include "cavra/receipt.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra::engine {

// Not synchronised. Its file goes with it, unless it was published.
class StagedReceipt {
 public:
  // Makes the receipts folder, and an empty file. Errors: io.
  [[nodiscard]] static Result<StagedReceipt> create(const ReceiptFolders& folders);

  StagedReceipt(StagedReceipt&& other) noexcept = default;
  StagedReceipt& operator=(StagedReceipt&&) = delete;
  ~StagedReceipt();

  [[nodiscard]] Result<void> append(std::span<const std::byte> bytes);  // Errors: io
  // Once all is appended: makes it durable. Errors: io.
  [[nodiscard]] Result<void> finish();

  // After finish().
  [[nodiscard]] const Digest& sha256() const { return sha256_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }
  // A descriptor of its own for reading. Errors: io.
  [[nodiscard]] Result<FileDescriptor> open() const;
  // All of it. Errors: io.
  [[nodiscard]] Result<std::string> read() const;

  // Names it <receipts folder>/<sha256>.json, durably; the same bytes there already are as good.
  // Errors: conflict (other bytes are there), io.
  [[nodiscard]] Result<std::filesystem::path> publish() &&;

 private:
  StagedReceipt() = default;
  [[nodiscard]] Result<void> make_named(const std::filesystem::path& staging_folder);
  [[nodiscard]] int name_it(const std::string& name) const;
  [[nodiscard]] Result<void> check_same(const std::filesystem::path& place) const;

  std::filesystem::path receipts_folder_;
  FileDescriptor receipts_;
  FileDescriptor file_;
  FileDescriptor staging_;      // where it has a name meanwhile
  std::string temporary_name_;  // there; else empty
  std::unique_ptr<Hasher> hasher_;
  Digest sha256_;
  std::uint64_t bytes_ = 0;
  FileIdentity identity_;
};

}  // namespace cavra::engine
