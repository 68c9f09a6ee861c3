// FindingList gathers what verification finds, from all its threads, and gives it sorted.
//
// Any thread may add; take() once all are done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "cavra/finding.hpp"

namespace cavra {

// Where a finding stands in the report: the manifest, each member as the manifest has it, the rest.
inline constexpr std::size_t kManifestRank = 0;
[[nodiscard]] constexpr std::size_t member_rank(std::size_t index) noexcept {
  return index + 1;
}
inline constexpr std::size_t kLastRank = static_cast<std::size_t>(-1);

class FindingList {
 public:
  // A hostile manifest can be wrong in millions of places; beyond this many they are counted.
  static constexpr std::size_t kMaxTold = 10'000;

  void add(std::size_t rank, Finding finding);
  void add(std::size_t rank, Findings findings);
  // All of `from` with a rank that is wanted. Leaves `from` empty.
  void take_over(FindingList& from, const std::function<bool(std::size_t rank)>& is_wanted);
  [[nodiscard]] bool empty() const;
  // Sorted by rank, then as added. Leaves the list empty.
  [[nodiscard]] Findings take();

 private:
  struct Entry {
    std::size_t rank = 0;
    Finding finding;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::uint64_t untold_ = 0;
};

}  // namespace cavra
