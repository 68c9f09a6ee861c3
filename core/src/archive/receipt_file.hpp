// A receipt on its way into the receipts folder: written in a staging folder, published by name.
//
// The receipts folder holds receipts and nothing else, each named after its digest, each whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cavra/hasher.hpp"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"
#include "cavra/verified_bundle.hpp"

namespace cavra::engine {

// Not synchronised. Its file goes with it, unless it was published.
class StagedReceipt {
 public:
  // Makes the folder, and an empty file in it. Errors: io.
  [[nodiscard]] static Result<StagedReceipt> create(const std::filesystem::path& staging_folder);

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

  // Moves it to <folder>/<sha256>.json, durably; the same bytes there already are as good. Errors:
  // conflict (other bytes are there), io.
  [[nodiscard]] Result<std::filesystem::path> publish(const std::filesystem::path& folder) &&;

 private:
  StagedReceipt() = default;
  [[nodiscard]] Result<void> check_same(const std::filesystem::path& place) const;

  FileDescriptor folder_;
  FileDescriptor file_;
  std::string name_;  // in the folder; empty once published
  std::unique_ptr<Hasher> hasher_;
  Digest sha256_;
  std::uint64_t bytes_ = 0;
  FileIdentity identity_;
};

}  // namespace cavra::engine
