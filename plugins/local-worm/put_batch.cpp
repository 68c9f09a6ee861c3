#include "put_batch.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "object_key.hpp"
#include "put.hpp"

namespace cavra::local_worm {
namespace {

constexpr std::size_t kMaxLotObjects = 256;
constexpr std::size_t kOtherDescriptors = 64;      // of the program, whatever it does
constexpr std::size_t kDescriptorsOfASession = 8;  // folders and files open for a moment

// A put that waits for its bytes to be on disk.
struct Waiting {
  sdk::PutItem* item;
  std::unique_ptr<Put> put;
};

// One lot: each object with its descriptor open until it is locked.
class Lot {
 public:
  Lot(StoreRoot& store, const Folder& root, const sdk::Call& call, std::span<std::byte> buffer)
      : store_(store), root_(root), call_(call), buffer_(buffer) {}

  void put(std::span<sdk::PutItem> items) {
    for (sdk::PutItem& item : items)
      if (auto staged = stage(item); !staged) item.result = std::move(staged).error();
    if (waiting_.empty()) return;
    if (const auto synced = sync_file_system(root_); !synced) {
      for (const Waiting& one : waiting_)
        one.item->result = synced.error();
    } else {
      name_all();
      seal_all();
    }
    waiting_.clear();
  }

 private:
  Result<void> stage(sdk::PutItem& item) {
    CAVRA_CHECK(call_.check());
    CAVRA_TRY(ObjectKey key, ObjectKey::parse(item.request.key));
    CAVRA_CHECK(open_folder_of(key));
    if (!staging_) {
      CAVRA_TRY(Folder staging, open_staging(root_));
      staging_ = std::make_shared<const Folder>(std::move(staging));
    }
    auto put = std::make_unique<Put>(PutPlace{&store_, &root_, folder_, staging_}, call_,
                                     std::move(key), item.request, item.source, buffer_);
    CAVRA_TRY(const auto there, put->stage(Sync::together));
    if (there) {
      item.result = *there;
    } else {
      waiting_.push_back({&item, std::move(put)});
    }
    return {};
  }

  // Leaves those waiting that have their names now.
  void name_all() {
    std::erase_if(waiting_, [](const Waiting& one) {
      auto joined = one.put->name(Sync::together);
      if (joined && !*joined) return false;
      one.item->result = joined ? Result<sdk::PutResult>(**joined) : joined.error();
      return true;
    });
  }

  // All flags of a lot are set in one go: see SealingThread.
  void seal_all() {
    std::vector<ToSeal> files;
    files.reserve(waiting_.size());
    for (const Waiting& one : waiting_)
      files.push_back(one.put->to_seal());
    const std::vector<Result<void>> sealed = store_.is_advisory()
                                                 ? std::vector<Result<void>>(files.size())
                                                 : store_.sealer().make_immutable(files);
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const Waiting& one = waiting_[i];
      one.item->result = sealed[i] ? one.put->confirm(Sync::together) : sealed[i].error();
    }
  }

  // Objects of one folder come one after the other.
  Result<void> open_folder_of(const ObjectKey& key) {
    if (folder_ && parts_ == key.folders()) return {};
    CAVRA_TRY(Folder folder, store_.make_folders(root_, key.folders()));
    folder_ = std::make_shared<const Folder>(std::move(folder));
    parts_ = key.folders();
    return {};
  }

  StoreRoot& store_;
  const Folder& root_;
  const sdk::Call& call_;
  const std::span<std::byte> buffer_;
  std::vector<std::string> parts_;
  std::shared_ptr<const Folder> folder_;  // at parts_
  std::shared_ptr<const Folder> staging_;
  std::vector<Waiting> waiting_;
};

}  // namespace

std::size_t max_lot_objects(std::size_t sessions) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const std::size_t others = kOtherDescriptors + sessions * kDescriptorsOfASession;
  if (limit.rlim_cur <= others) return 1;
  return std::clamp<std::size_t>((limit.rlim_cur - others) / sessions, 1, kMaxLotObjects);
}

void put_batch(StoreRoot& store, const Folder& root, const sdk::Call& call,
               std::span<sdk::PutItem> items, std::size_t lot_objects,
               std::span<std::byte> buffer) {
  Lot lot(store, root, call, buffer);
  while (!items.empty()) {
    const std::size_t count = std::min(items.size(), lot_objects);
    lot.put(items.first(count));
    items = items.subspan(count);
  }
}

}  // namespace cavra::local_worm
