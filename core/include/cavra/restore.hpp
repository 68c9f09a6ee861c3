// restore() gives the archived bundle back, byte for byte, and checks every byte.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "cavra/finding.hpp"
#include "cavra/receipt.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra {

struct RestoreOptions {
  std::size_t workers = 0;
  std::chrono::milliseconds call_timeout{std::chrono::minutes{10}};  // as ArchiveOptions'
  HasherFactory hasher = make_sha256;
  std::function<void(std::uint64_t bytes)> on_progress{};
  std::function<bool()> is_cancelled{};
};

struct RestoreReport {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

// Writes the bundle beside `output` and renames it in once every byte is checked and durable;
// `output` must not exist or be an empty folder. Only its owner can read it. Evidence is given back
// though the receipt's key was revoked or has run out since ("receipt.revoked", "receipt.window");
// any other finding of the receipt refuses. Errors: refused (output is taken), corrupt (a byte
// differs, or the receipt does not hold: no output), usage (another store), io, what the store
// returns.
[[nodiscard]] Result<RestoreReport> restore(const CheckedReceipt& receipt, StorageBackend& store,
                                            const std::filesystem::path& output,
                                            const RestoreOptions& options);

}  // namespace cavra
