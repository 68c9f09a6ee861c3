// What a store lists below an archive's bundle/ that is none of its members, or lies above one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/store_session.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// The members' names, in order: indices, as there may be a million of them. The names are lent.
class MemberNames {
 public:
  using NameAt = std::function<std::string_view(std::size_t index)>;
  MemberNames(std::size_t count, NameAt name_at);

  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;  // its index

 private:
  NameAt name_at_;
  std::vector<std::uint32_t> sorted_;
};

struct ListedTeller {
  std::function<void(const std::string& key)> unknown;  // none of the members
  // A version of a member that another version or a delete marker lies above.
  std::function<void(std::size_t index, const std::string& version)> hidden;
};

// Unfinished uploads and delete markers of others' keys hide nothing of the archive, and are passed
// over. Errors: what the store returns.
[[nodiscard]] Result<void> tell_unknown_objects(StorageBackend& store, const CallLimits& limits,
                                                const std::string& bundle_prefix,
                                                const MemberNames& known, const ListedTeller& tell);

}  // namespace cavra::engine
