// The call of a host: what a test can cancel, or end at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "cavra/abi_struct.hpp"
#include "cavra/plugin_types.hpp"

namespace cavra::cloud::testing {

class HostCall {
 public:
  explicit HostCall(std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    deadline_ms_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(end.time_since_epoch()).count();
  }

  void cancel() { is_cancelled_ = true; }
  // Lends from this.
  [[nodiscard]] sdk::Call call() {
    auto c = abi::make<cavra_call>();
    c.ctx = &is_cancelled_;
    c.is_cancelled = [](void* ctx) -> std::uint32_t {
      return static_cast<std::atomic<bool>*>(ctx)->load() ? 1 : 0;
    };
    c.deadline_monotonic_ms = deadline_ms_;
    return sdk::Call(&c);
  }

 private:
  std::atomic<bool> is_cancelled_ = false;
  std::int64_t deadline_ms_ = 0;
};

}  // namespace cavra::cloud::testing
