// Notes of a run, for a person: the first ones in words, the rest as a number.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cavra::engine {

// Any thread.
class Notes {
 public:
  static constexpr std::size_t kMaxTold = 50;

  void add(std::string note) {
    const std::lock_guard guard(mutex_);
    if (notes_.size() < kMaxTold) {
      notes_.push_back(std::move(note));
    } else {
      ++untold_;
    }
  }

  // Before the others, and told whatever their number.
  void add_first(std::string note) {
    const std::lock_guard guard(mutex_);
    notes_.insert(notes_.begin(), std::move(note));
  }

  // Leaves it empty.
  [[nodiscard]] std::vector<std::string> take() {
    const std::lock_guard guard(mutex_);
    if (untold_ > 0) notes_.push_back("and " + std::to_string(untold_) + " more such notes");
    untold_ = 0;
    return std::exchange(notes_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> notes_;
  std::size_t untold_ = 0;
};

}  // namespace cavra::engine
