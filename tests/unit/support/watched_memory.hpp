// Looks at one block of the heap in the moment in which it is given back: in this test program,
// operator new and delete are replaced for that.
#pragma once

#include <cstddef>
#include <optional>

namespace cavra::testing {

// From now on until the block is freed. One at a time, one thread.
void watch_block(const void* block, std::size_t size);

// Whether it held nothing but zeros when it was freed; nothing while it has not been.
[[nodiscard]] std::optional<bool> watched_block_was_wiped();

}  // namespace cavra::testing
