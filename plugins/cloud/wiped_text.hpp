// Text whose memory is wiped before it is given back: what is read from a file that has secrets.
//
// For the time of reading only; what is known to be a secret goes into a Secret, which cannot be
// printed or copied. Values: one thread at a time.
#pragma once

#include <string.h>  // explicit_bzero: glibc's, not the standard's

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace cavra::cloud {

template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class Other>
  WipingAllocator(const WipingAllocator<Other>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* block, std::size_t count) noexcept {
    ::explicit_bzero(static_cast<void*>(block), count * sizeof(T));
    std::allocator<T>().deallocate(block, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) = default;
};

using WipedText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

// For a plain string that held a secret on its way, as libraries give it.
inline void wipe(std::string& text) noexcept {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

// Short texts lie in the nodes, so these are wiped too.
template <class Value>
using WipedMap =
    std::map<std::string, Value, std::less<>, WipingAllocator<std::pair<const std::string, Value>>>;

}  // namespace cavra::cloud
