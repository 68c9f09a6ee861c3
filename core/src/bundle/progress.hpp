// Progress tells the caller of verify() how far it is, and whether the caller wants it to stop.
//
// Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "cavra/verify.hpp"

namespace cavra {

class Progress {
 public:
  explicit Progress(const VerifyPolicy& policy) : policy_(policy) {}

  void add(std::uint64_t bytes) {
    const std::uint64_t sum = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (policy_.on_progress) policy_.on_progress(sum);
  }

  // Once true, it stays so.
  [[nodiscard]] bool is_cancelled() {
    if (is_cancelled_.load(std::memory_order_relaxed)) return true;
    if (!policy_.is_cancelled || !policy_.is_cancelled()) return false;
    is_cancelled_.store(true, std::memory_order_relaxed);
    return true;
  }

  // What is still being read is not wanted any more, for another reason than cancelling.
  void abandon() { is_abandoned_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool is_abandoned() const { return is_abandoned_.load(std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  const VerifyPolicy& policy_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<bool> is_cancelled_ = false;
  std::atomic<bool> is_abandoned_ = false;
};

}  // namespace cavra
