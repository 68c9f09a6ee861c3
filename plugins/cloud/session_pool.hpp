// SessionPool keeps HTTP sessions with their connections, and lends them to whoever asks.
//
// Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "http/session.hpp"

namespace cavra::cloud {

class SessionPool {
 public:
  explicit SessionPool(http::SessionOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Result<std::unique_ptr<http::Session>> take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
    }
    return http::Session::open(options_);
  }
  void give_back(std::unique_ptr<http::Session> session) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(session));
  }

 private:
  const http::SessionOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::Session>> idle_;
};

}  // namespace cavra::cloud
