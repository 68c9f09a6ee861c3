// StoreRoot: the folder of one store, found by its path anew for each call and made by the first
// put.
//
//   <root>/                     +a
//     .cavra-store/             +a   no key's first part starts with a dot
//       store.json              +i   the store's identity, a random UUID
//       staging/                     no flags: files without names are written here
//       records/<key>/          +a   later acts on the lock of <key>; see records.hpp
//     <folders of keys>/        +a, after seal() +i
//       <object>                +i
//
// With require "advisory" there are no flags. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "case_index.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"
#include "object_key.hpp"
#include "sealer.hpp"
#include "settings.hpp"

namespace cavra::local_worm {

class StoreRoot {
 public:
  // Looks at what is there, and changes nothing. Errors: corrupt (the marker), refused, io.
  [[nodiscard]] static Result<std::unique_ptr<StoreRoot>> open(Settings settings);

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] bool is_advisory() const noexcept { return settings_.require == Require::advisory; }
  [[nodiscard]] const Sealer& sealer() const noexcept { return sealer_; }

  // The UUID of the marker, once there is one; the text lives as long as this.
  [[nodiscard]] std::string_view identity() const noexcept;

  // The root, opened by its path. Empty: no store is there yet. Errors: refused, where this is not
  // the store that was seen before (moved away, replaced, mounted over); corrupt; io.
  [[nodiscard]] Result<std::optional<Folder>> find();
  // The same, made where it is missing or half made. Errors: also refused where the folder holds
  // other things, forbidden.
  [[nodiscard]] Result<Folder> make();

  // Folders below the root, each made and given its +a where that is missing, durably.
  // Errors: refused (sealed above; a name that differs in case only; no folder), forbidden,
  // unavailable, io.
  [[nodiscard]] Result<Folder> make_folders(const Folder& root, std::span<const std::string> parts);
  [[nodiscard]] CaseIndex& names() noexcept { return names_; }

 private:
  explicit StoreRoot(Settings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] Result<std::optional<Folder>> open_root() const;
  [[nodiscard]] Result<void> check_identity(const Folder& root);
  void remember(const Folder& root, std::string id);
  [[nodiscard]] Result<void> make_marker(const Folder& store, const Folder& staging);
  [[nodiscard]] Result<void> make_inside(Folder& root);

  const Settings settings_;
  const Sealer sealer_{};
  CaseIndex names_;

  mutable std::mutex mutex_;
  std::atomic<const std::string*> identity_ = nullptr;  // into identity_text_, set once
  std::string identity_text_;
  std::uint64_t device_ = 0;  // of the root that was last found to have that identity
  std::uint64_t inode_ = 0;
  bool is_made_ = false;  // this process has seen all of the layout in place
};

// A folder that is to become a store must be empty: it gets +a, and who keeps other things there
// would not thank us. Errors: refused, io.
[[nodiscard]] Result<void> require_no_other_things(const Folder& root);

// Opens the staging folder below the root.
[[nodiscard]] Result<Folder> open_staging(const Folder& root);

}  // namespace cavra::local_worm
