// Listing walks the objects of a store in byte order of their keys, and can go on after any key.
//
// It holds the names of one folder on each level of where it is, never those of the whole store,
// and no descriptor between calls. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"

namespace cavra::local_worm {

struct ListedObject {
  std::string key;
  std::uint64_t length = 0;
  std::int64_t modified_unix_s = 0;
};

class Listing {
 public:
  // All keys that start with `prefix` and lie behind `after` (empty: all).
  Listing(std::string_view prefix, std::string_view after) : prefix_(prefix), last_(after) {}

  [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }
  // The key that next() gave last, or `after`.
  [[nodiscard]] const std::string& last() const noexcept { return last_; }

  // Empty: that was all. Errors: cancelled, timeout, refused, forbidden, io.
  [[nodiscard]] Result<std::optional<ListedObject>> next(const sdk::Call& call, const Folder& root);

 private:
  struct Level {
    std::string path;                // "", or ends in '/'
    std::vector<std::string> names;  // sorted; those of folders end in '/'
    std::size_t at = 0;
  };

  [[nodiscard]] Result<void> enter(const sdk::Call& call, const Folder& root, std::string path);
  [[nodiscard]] bool is_wanted(std::string_view key) const;

  std::string prefix_;
  std::string last_;
  std::vector<Level> levels_;
  bool has_begun_ = false;
};

}  // namespace cavra::local_worm
