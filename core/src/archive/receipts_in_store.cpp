#include "archive/receipts_in_store.hpp"

#include <optional>

#include "archive/inquiry.hpp"
#include "cavra/hasher.hpp"
#include "cavra/receipt.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

// Somebody may fill the folder: each receipt is read, so there is an end to it.
constexpr std::size_t kMaxReceipts = 4096;
// Above that a receipt's digest is looked at before its bytes are kept: a name promises nothing.
constexpr std::uint64_t kKeptAtOnceBytes = std::uint64_t{16} << 20;

// "<sha256>.json" below the prefix, else nothing.
std::optional<std::string> sha256_in_name(std::string_view key, std::string_view prefix) {
  static constexpr std::string_view kEnd = ".json";
  if (!key.starts_with(prefix) || !key.ends_with(kEnd)) return std::nullopt;
  if (key.size() != prefix.size() + 64 + kEnd.size()) return std::nullopt;
  const std::string_view name = key.substr(prefix.size(), 64);
  if (!Digest::from_hex(name)) return std::nullopt;
  return std::string(name);
}

}  // namespace

Result<ReceiptListing> list_receipts(StorageSession& session, const CallContext& call,
                                     const std::string& prefix, Notes& notes) {
  ReceiptListing listing;
  auto listed = session.list(call, prefix, [&](const ListEntry& entry) -> Result<void> {
    if (entry.kind != ListEntry::Kind::object) return {};
    auto sha256 = sha256_in_name(entry.key, prefix);
    if (!sha256 || entry.length > kMaxReceiptBytes) {
      notes.add("ignored " + quoted(entry.key) + ": it is no receipt");
    } else if (listing.places.size() < kMaxReceipts) {
      listing.places.push_back(
          {entry.key, entry.version, *std::move(sha256), entry.length, entry.is_latest});
    } else {
      ++listing.untold;
    }
    return {};
  });
  if (!listed) return at_key("list", prefix, std::move(listed).error());
  return listing;
}

Result<void> get_receipt(StorageSession& session, const CallLimits& limits,
                         const ReceiptPlace& place, const ByteSink& sink) {
  const auto hasher = make_sha256();
  std::uint64_t bytes = 0;
  CAVRA_CHECK(session.get(limits.context(kMaxReceiptBytes), place.key, place.version, 0,
                          [&](std::span<const std::byte> data) -> Result<void> {
                            bytes += data.size();
                            if (bytes > kMaxReceiptBytes)
                              return Error{ErrorCode::corrupt, "it is above 1 GiB"};
                            hasher->update(data);
                            return sink(data);
                          }));
  const std::string sha256 = hasher->finish().hex();
  if (sha256 == place.sha256) return {};
  return Error{ErrorCode::corrupt, "its SHA-256 is " + sha256 + ", not what its name says"};
}

Result<CheckedReceipt> read_receipt(StorageSession& session, const CallLimits& limits,
                                    const ReceiptPlace& place, const TrustRoots& roots) {
  if (place.bytes > kKeptAtOnceBytes) {
    const auto look_only = [](std::span<const std::byte>) { return Result<void>(); };
    CAVRA_CHECK(get_receipt(session, limits, place, look_only));
  }
  std::string envelope;
  CAVRA_CHECK(get_receipt(session, limits, place,
                          [&envelope](std::span<const std::byte> data) -> Result<void> {
                            envelope += as_text(data);
                            return {};
                          }));
  return check_receipt(std::move(envelope), &roots);
}

Result<StagedReceipt> fetch_receipt(StorageSession& session, const CallLimits& limits,
                                    const ReceiptPlace& place, const ReceiptFolders& folders) {
  CAVRA_TRY(StagedReceipt file, StagedReceipt::create(folders));
  CAVRA_CHECK(get_receipt(session, limits, place, [&file](std::span<const std::byte> bytes) {
    return file.append(bytes);
  }));
  CAVRA_CHECK(file.finish());
  return file;
}

}  // namespace cavra::engine
