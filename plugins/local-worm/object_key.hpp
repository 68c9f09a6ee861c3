// ObjectKey: a key that this store can hold, cut into the parts of its path below the root.
//
// A value. Only parse() makes one, so whoever has one need not check again. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/support/result.hpp"

namespace cavra::local_worm {

inline constexpr std::size_t kMaxKeyBytes = 1024;     // CAVRA_MAX_KEY_BYTES
inline constexpr std::size_t kMaxKeyPartBytes = 255;  // NAME_MAX of Linux's file systems
// The store's own folder below the root: why no key's first part may start with a dot.
inline constexpr std::string_view kStoreFolder = ".cavra-store";

class ObjectKey {
 public:
  // Errors: refused, with what is wrong: an empty part, ".", "..", a part over 255 bytes, a control
  // character, text that is not UTF-8, a first part that starts with a dot.
  [[nodiscard]] static Result<ObjectKey> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // All parts but the last, and the last.
  [[nodiscard]] const std::vector<std::string>& folders() const noexcept { return folders_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  ObjectKey() = default;

  std::string text_;
  std::vector<std::string> folders_;
  std::string name_;
};

// The folders of a prefix such as "s-1/bundle/", which ends in '/'. Errors: refused, as parse().
[[nodiscard]] Result<std::vector<std::string>> parse_folder_prefix(std::string_view prefix);

// `name` with each letter in the case that all its cases share, for names that differ in case only.
// Unicode's simple mapping of one letter to one (as the C library has it); `name` is UTF-8.
[[nodiscard]] std::string fold_case(std::string_view name);

}  // namespace cavra::local_worm
