#include "local_worm_store.hpp"

#include <algorithm>

#include "cavra/plugin.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/support/time.hpp"
#include "ground.hpp"
#include "local_worm_session.hpp"
#include "put_batch.hpp"
#include "sealing_thread.hpp"
#include "settings.hpp"

namespace cavra::local_worm {
namespace {

// A block that stays in the processor's cache between reading, hashing and writing: 1 MiB cost up
// to three times the processor time on a busy machine. Below 64 KiB system calls show.
constexpr std::uint64_t kMaxBufferBytes = 256U << 10;
constexpr std::uint64_t kMinBufferBytes = 1U << 16;

sdk::StoreInfo describe_store(const Settings& settings) {
  sdk::StoreInfo info;
  info.location = printable(settings.root.native());
  info.has_legal_hold = true;
  info.max_key_part_bytes = static_cast<std::uint32_t>(kMaxKeyPartBytes);
  info.last_retain_until_unix_s = kMaxUnixSeconds;
  if (settings.require == Require::advisory) {
    info.mode = sdk::LockMode::advisory;
    info.strength = "read-only files, which their owner and root can change or remove";
    return info;
  }
  info.mode = sdk::LockMode::governance;
  info.strength =
      "the kernel's immutable flag: whoever holds CAP_LINUX_IMMUTABLE (root has it), or the disk, "
      "can lift it";
  info.rights = {
      {"CAP_LINUX_IMMUTABLE", "put", "sets the immutable and append-only flags that lock"},
      {"CAP_LINUX_IMMUTABLE", "raise_lock", "a later date is an immutable record"},
      {"CAP_LINUX_IMMUTABLE", "hold", "setting and clearing a hold are immutable records"},
  };
  return info;
}

}  // namespace

Result<std::unique_ptr<LocalWormStore>> LocalWormStore::open(const sdk::OpenRequest& request) {
  CAVRA_CHECK(SealingThread::take_privilege());
  CAVRA_TRY(Settings settings, parse_settings(request.settings_json, request.base_folder));
  std::unique_ptr<LocalWormStore> store(new LocalWormStore);
  store->info_ = describe_store(settings);
  CAVRA_TRY(store->root_, StoreRoot::open(std::move(settings)));
  store->info_.identity = store->identity();
  store->buffer_bytes_ = std::clamp(request.max_buffer_bytes / std::max(request.max_sessions, 1U),
                                    kMinBufferBytes, kMaxBufferBytes);
  store->lot_objects_ = max_lot_objects(std::max(request.max_sessions, 1U));
  return store;
}

Result<std::unique_ptr<LocalWormSession>> LocalWormStore::session() {
  CAVRA_CHECK(SealingThread::take_privilege());
  return std::make_unique<LocalWormSession>(*this);
}

Result<void> LocalWormStore::require_ground() {
  const std::scoped_lock lock(mutex_);
  if (is_ground_good_) return {};
  CAVRA_CHECK(local_worm::require_ground(*root_));
  is_ground_good_ = true;
  return {};
}

namespace {

constexpr sdk::PluginInfo kInfo{.id = "org.cavra.local-worm",
                                .version = CAVRA_LOCAL_WORM_VERSION,
                                .vendor = "CAVRA",
                                .licence = "Apache-2.0",
                                .settings_schema = kSettingsSchema};

}  // namespace
}  // namespace cavra::local_worm

CAVRA_PLUGIN(cavra::local_worm::kInfo, cavra::local_worm::LocalWormStore)
