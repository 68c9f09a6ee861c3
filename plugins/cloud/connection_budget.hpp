// ConnectionBudget shares an opening's connections among its puts: each has one, and a large object
// takes those that are free for its parts.
//
// Any thread.
#pragma once

#include <mutex>
#include <utility>

namespace cavra::cloud {

class ConnectionBudget {
 public:
  explicit ConnectionBudget(unsigned connections) : free_(connections) {}

  // Connections in use by one put; they go back with it.
  class Share {
   public:
    Share(ConnectionBudget& budget, unsigned count) : budget_(&budget), count_(count) {}
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), count_(other.count_) {}
    Share& operator=(Share&&) = delete;
    ~Share() {
      if (budget_ != nullptr) budget_->give_back(count_);
    }
    // At least 1, also where none was free.
    [[nodiscard]] unsigned connections() const noexcept { return count_ > 0 ? count_ : 1; }

   private:
    ConnectionBudget* budget_;
    unsigned count_;
  };

  [[nodiscard]] Share take(unsigned most) {
    const std::scoped_lock lock(mutex_);
    const unsigned count = most < free_ ? most : free_;
    free_ -= count;
    return {*this, count};
  }

 private:
  void give_back(unsigned count) {
    const std::scoped_lock lock(mutex_);
    free_ += count;
  }

  std::mutex mutex_;
  unsigned free_;
};

}  // namespace cavra::cloud
