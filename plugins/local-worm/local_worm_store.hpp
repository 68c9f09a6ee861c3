// LocalWormStore: one opening of a local WORM store. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "store_root.hpp"

namespace cavra::local_worm {

class LocalWormSession;

class LocalWormStore {
 public:
  [[nodiscard]] static Result<std::unique_ptr<LocalWormStore>> open(
      const sdk::OpenRequest& request);
  [[nodiscard]] const sdk::StoreInfo& describe() const noexcept { return info_; }
  // As it is now: empty until the first put makes the store. Lent as long as this lives.
  [[nodiscard]] std::string_view identity() const noexcept { return root_->identity(); }
  [[nodiscard]] Result<std::unique_ptr<LocalWormSession>> session();

  [[nodiscard]] StoreRoot& root() noexcept { return *root_; }
  [[nodiscard]] std::size_t buffer_bytes() const noexcept { return buffer_bytes_; }

  // How many objects a session puts together.
  [[nodiscard]] std::size_t lot_objects() const noexcept { return lot_objects_; }

  // Whether the place can hold the store, examined once and before a byte is written.
  // Errors: refused.
  [[nodiscard]] Result<void> require_ground();

 private:
  LocalWormStore() = default;

  std::unique_ptr<StoreRoot> root_;
  sdk::StoreInfo info_;
  std::size_t buffer_bytes_ = 0;  // of each session
  std::size_t lot_objects_ = 1;
  std::mutex mutex_;
  bool is_ground_good_ = false;
};

}  // namespace cavra::local_worm
