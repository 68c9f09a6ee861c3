#include "support/watched_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <span>

namespace cavra::testing {
namespace {

struct Watch {
  const void* block = nullptr;
  std::size_t size = 0;
  std::optional<bool> was_wiped;
};

Watch watch;

void free_watched(void* block) noexcept {
  if (block != nullptr && block == watch.block) {
    const std::span bytes(static_cast<const std::byte*>(block), watch.size);
    watch.was_wiped =
        std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{}; });
    watch.block = nullptr;
  }
  std::free(block);
}

}  // namespace

void watch_block(const void* block, std::size_t size) {
  watch = {block, size, std::nullopt};
}

std::optional<bool> watched_block_was_wiped() {
  return watch.was_wiped;
}

}  // namespace cavra::testing

void* operator new(std::size_t size) {
  if (void* block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  cavra::testing::free_watched(block);
}
void operator delete(void* block, std::size_t) noexcept {
  cavra::testing::free_watched(block);
}
