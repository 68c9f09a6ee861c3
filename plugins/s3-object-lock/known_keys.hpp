// KnownKeys remembers which keys had a version when an archive was begun, so that most puts of a
// new archive need not look.
//
// A hint: a key that comes later is found by the put itself. Eight bytes a key. Any thread; who
// comes while another lists waits, within his own call.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "object_versions.hpp"

namespace cavra::s3 {

class KnownKeys {
 public:
  // Whether something may lie under this key: lists what lies under `archive_prefix` once. An empty
  // prefix: always. Errors: those of the listing.
  [[nodiscard]] Result<bool> may_have(const Asking& ask, std::string_view archive_prefix,
                                      std::string_view key);

 private:
  [[nodiscard]] Result<void> load(const Asking& ask, std::string_view archive_prefix,
                                  std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable loaded_;
  bool is_loading_ = false;
  std::string prefix_;                 // of the archive that `hashes_` are of
  std::vector<std::uint64_t> hashes_;  // sorted
};

}  // namespace cavra::s3
