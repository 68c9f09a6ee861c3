// A session that opens when it is first needed, and what each call on it is given.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>

#include "archive/crew.hpp"
#include "cavra/storage.hpp"
#include "cavra/support/result.hpp"

namespace cavra::engine {

// One thread's. Must not outlive the backend.
class LazySession {
 public:
  explicit LazySession(StorageBackend& backend) : backend_(&backend) {}

  // Lent until this goes. Errors: what the backend returns.
  [[nodiscard]] Result<StorageSession*> get() {
    if (session_ == nullptr) {
      CAVRA_TRY(session_, backend_->session());
    }
    return session_.get();
  }

 private:
  StorageBackend* backend_;
  std::unique_ptr<StorageSession> session_;
};

// How long calls may take, and what ends them early.
struct CallLimits {
  std::chrono::milliseconds timeout{std::chrono::minutes{10}};
  StopFlag is_stopped;

  // A call that moves `bytes` gets a second more for each MiB: 1 TiB has twelve days.
  [[nodiscard]] CallContext context(std::uint64_t bytes = 0) const {
    constexpr std::uint64_t kMostSeconds = std::uint64_t{1} << 26;  // two years: no clock overflows
    const std::chrono::seconds for_bytes(std::min(bytes >> 20, kMostSeconds));
    return {std::chrono::steady_clock::now() + timeout + for_bytes, is_stopped, timeout};
  }
};

}  // namespace cavra::engine
