#include "cavra/restore.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

#include "archive/crew.hpp"
#include "archive/inquiry.hpp"
#include "archive/restore_folder.hpp"
#include "archive/store_match.hpp"
#include "cavra/archive.hpp"
#include "cavra/support/encoding.hpp"
#include "files/write_all.hpp"

namespace cavra {

namespace engine {

namespace {

class RestoreRun {
 public:
  RestoreRun(const Receipt& receipt, StorageBackend& store, const RestoreFolder& folder,
             const RestoreOptions& options)
      : receipt_(receipt), store_(store), folder_(folder), options_(options) {}

  Result<RestoreReport> run() {
    const std::size_t workers = worker_count(options_.workers, store_.describe());
    CAVRA_CHECK(run_crew(receipt_.objects.size(), workers, options_.is_cancelled,
                         [this](const StopFlag& is_stopped) -> Job {
                           auto session = std::make_shared<LazySession>(store_);
                           const CallLimits limits{options_.call_timeout, is_stopped};
                           return [this, session, limits](std::size_t index) -> Result<void> {
                             CAVRA_TRY(StorageSession* const open, session->get());
                             return give_back(*open, limits, receipt_.objects[index]);
                           };
                         }));
    return RestoreReport{receipt_.objects.size(), bytes_};
  }

 private:
  Result<void> give_back(StorageSession& session, const CallLimits& limits,
                         const ProvenObject& object) {
    const std::string key = receipt_.member_key(object.member);
    CAVRA_TRY(const FileDescriptor file, folder_.make_file(object.member));
    const auto hasher = options_.hasher();
    std::uint64_t size = 0;
    auto got = session.get(limits.context(object.bytes), key, object.version, 0,
                           [&](std::span<const std::byte> data) -> Result<void> {
                             size += data.size();
                             if (size > object.bytes) return differs(key, size, object);
                             hasher->update(data);
                             CAVRA_CHECK(write_all(file.get(), data, quoted(object.member)));
                             add_bytes(data.size());
                             return {};
                           });
    if (!got && got.error().code == ErrorCode::not_found)
      return Error{ErrorCode::corrupt,
                   quoted(key) + ": it is not there any more; nothing was restored"};
    if (!got) return at_key("read", key, std::move(got).error());
    if (size != object.bytes || hasher->finish() != object.sha256)
      return differs(key, size, object);
    return {};
  }

  static Error differs(const std::string& key, std::uint64_t size, const ProvenObject& object) {
    return {ErrorCode::corrupt, quoted(key) + ": the store gave " + std::to_string(size) +
                                    " bytes that are not the " + std::to_string(object.bytes) +
                                    " bytes with the SHA-256 " + object.sha256.hex() +
                                    " of the receipt; nothing was restored"};
  }

  void add_bytes(std::uint64_t bytes) {
    const std::uint64_t sum = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (options_.on_progress) options_.on_progress(sum);
  }

  const Receipt& receipt_;
  StorageBackend& store_;
  const RestoreFolder& folder_;
  const RestoreOptions& options_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace

}  // namespace engine

Result<RestoreReport> restore(const CheckedReceipt& receipt, StorageBackend& store,
                              const std::filesystem::path& output, const RestoreOptions& options) {
  if (const auto doubtful = std::ranges::find_if(receipt.findings, makes_receipt_doubtful);
      doubtful != receipt.findings.end())
    return Error{ErrorCode::corrupt, "nothing was restored: " + doubtful->message};
  CAVRA_CHECK(engine::check_same_store(receipt.receipt, store.describe()));
  CAVRA_TRY(engine::RestoreFolder folder, engine::RestoreFolder::create(output));
  CAVRA_TRY(const RestoreReport report,
            engine::RestoreRun(receipt.receipt, store, folder, options).run());
  CAVRA_CHECK(std::move(folder).publish());
  return report;
}

}  // namespace cavra
