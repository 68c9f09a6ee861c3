#include "archive/receipt_archiver.hpp"

#include <memory>

#include "archive/envelope.hpp"
#include "archive/file_source.hpp"
#include "cavra/support/encoding.hpp"

namespace cavra::engine {

namespace {

// Of "<archive prefix>receipts/<name>".
std::string archive_prefix_of(const std::string& receipt_key) {
  return receipt_key.substr(0, receipt_key.rfind('/', receipt_key.rfind('/') - 1) + 1);
}

}  // namespace

Result<StagedReceipt> stage_receipt(const ReceiptFacts& facts, std::size_t count,
                                    const ObjectAt& object_at, const Signer& receipt_key,
                                    const ArchiveOptions& options) {
  if (facts.act.previous.size() > kMaxPrevious)
    return Error{ErrorCode::refused,
                 "the archive has " + std::to_string(facts.act.previous.size()) +
                     " receipts that no other one follows, and a receipt can follow " +
                     std::to_string(kMaxPrevious) +
                     ": nothing was signed; have those removed that do not belong there"};
  CAVRA_TRY(StagedReceipt file, StagedReceipt::create(options.folders));
  StatementText statement(facts, count, object_at);
  CAVRA_CHECK(sign_envelope(statement, receipt_key, [&file](std::string_view text) {
    return file.append(as_bytes(text));
  }));
  CAVRA_CHECK(file.finish());
  return file;
}

Result<void> archive_receipt(ObjectArchiver& archiver, const StagedReceipt& file,
                             const std::string& key, const Lock& lock) {
  PendingObject object;
  object.request = {.key = key,
                    .length = file.bytes(),
                    .sha256 = file.sha256(),
                    .media_type = "application/vnd.dsse.envelope.v1+json",
                    .metadata_json = "{}",
                    .lock = lock,
                    .archive_prefix = archive_prefix_of(key)};
  object.source =
      std::make_unique<FileSource>([&file] { return file.open(); }, file.identity(), file.sha256(),
                                   "the receipt", make_sha256(), nullptr);
  return archiver.archive({&object, 1});
}

Result<void> keep_receipt(ObjectArchiver& archiver, StorageSession& session,
                          const CallLimits& limits, const ReceiptPlace& place, const Lock& lock,
                          const ReceiptFolders& folders) {
  CAVRA_TRY(const StagedReceipt file, fetch_receipt(session, limits, place, folders));
  return archive_receipt(archiver, file, place.key, lock);
}

}  // namespace cavra::engine
