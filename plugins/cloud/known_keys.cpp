#include "cloud/known_keys.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>

namespace cavra::cloud {

namespace {

// Two keys of one hash cost a look.
std::uint64_t hash_of(std::string_view key) {
  return std::hash<std::string_view>{}(key);
}

}  // namespace

Result<void> KnownKeys::load(const ListKeys& list, std::string_view archive_prefix,
                             std::unique_lock<std::mutex>& lock) {
  is_loading_ = true;
  lock.unlock();
  std::vector<std::uint64_t> hashes;
  Result<void> listed = Error{ErrorCode::internal, "the keys were not listed"};
  std::exception_ptr thrown;
  try {
    listed = list(archive_prefix, [&hashes](std::string_view key) {
      const std::uint64_t hash = hash_of(key);
      if (hashes.empty() || hashes.back() != hash) hashes.push_back(hash);
    });
    std::ranges::sort(hashes);
  } catch (...) {
    thrown = std::current_exception();
  }
  lock.lock();
  is_loading_ = false;
  loaded_.notify_all();
  if (thrown) std::rethrow_exception(thrown);
  CAVRA_CHECK(listed);
  prefix_ = archive_prefix;
  hashes_ = std::move(hashes);
  return {};
}

Result<bool> KnownKeys::may_have(const sdk::Call& call, const ListKeys& list,
                                 std::string_view archive_prefix, std::string_view key) {
  constexpr std::chrono::milliseconds kLook{100};
  if (archive_prefix.empty() || !key.starts_with(archive_prefix)) return true;
  std::unique_lock lock(mutex_);
  while (prefix_ != archive_prefix) {
    if (!is_loading_) {
      CAVRA_CHECK(load(list, archive_prefix, lock));
      continue;
    }
    loaded_.wait_for(lock, kLook);
    CAVRA_CHECK(call.check());
  }
  return std::ranges::binary_search(hashes_, hash_of(key));
}

}  // namespace cavra::cloud
