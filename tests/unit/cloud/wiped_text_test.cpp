#include "cloud/wiped_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <type_traits>

#include "support/watched_memory.hpp"

namespace cavra::cloud {
namespace {

using cavra::testing::watch_block;
using cavra::testing::watched_block_was_wiped;

TEST_CASE("a long text is wiped where it lay") {
  {
    const WipedText text(40, 's');
    watch_block(text.data(), text.size());
    CHECK(watched_block_was_wiped() == std::nullopt);
  }
  CHECK(watched_block_was_wiped() == true);
}

TEST_CASE("a text that grows leaves nothing behind") {
  WipedText text(40, 's');
  watch_block(text.data(), text.size());
  text.append(4000, 's');
  CHECK(watched_block_was_wiped() == true);
}

// A short text lies in the node of a map, whatever else that is: its allocator wipes it.
TEST_CASE("whatever is allocated is wiped") {
  static_assert(std::is_same_v<WipedMap<int>::allocator_type,
                               WipingAllocator<std::pair<const std::string, int>>>);
  WipingAllocator<long> allocator;
  long* const block = allocator.allocate(3);
  std::fill_n(block, 3, -1L);
  watch_block(block, 3 * sizeof(long));
  allocator.deallocate(block, 3);
  CHECK(watched_block_was_wiped() == true);
}

}  // namespace
}  // namespace cavra::cloud
