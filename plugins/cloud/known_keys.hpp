// KnownKeys remembers which keys had a version when an archive was begun, so that most puts of a
// new archive need not look.
//
// A hint: a key that comes later is found by the put itself. Eight bytes a key. Any thread; who
// comes while another lists waits, within his own call.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"

namespace cavra::cloud {

// Tells every key under a prefix that has a version, at least once.
using TakeKey = std::function<void(std::string_view key)>;
using ListKeys = std::function<Result<void>(std::string_view prefix, const TakeKey& take)>;

class KnownKeys {
 public:
  // Whether something may lie under this key: lists what lies under `archive_prefix` once. An empty
  // prefix: always. Errors: those of the listing.
  [[nodiscard]] Result<bool> may_have(const sdk::Call& call, const ListKeys& list,
                                      std::string_view archive_prefix, std::string_view key);

 private:
  [[nodiscard]] Result<void> load(const ListKeys& list, std::string_view archive_prefix,
                                  std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable loaded_;
  bool is_loading_ = false;
  std::string prefix_;                 // of the archive that `hashes_` are of
  std::vector<std::uint64_t> hashes_;  // sorted
};

}  // namespace cavra::cloud
