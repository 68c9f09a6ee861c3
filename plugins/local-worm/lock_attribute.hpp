// LockAttribute: what an object's file says of its own lock, in the extended attribute
// "user.cavra.lock". Written before the file has a name; +i keeps it from changing after.
//
// One line of text, so that `getfattr -d FILE` shows it:
//   v1 retain_until=2033-05-19T12:00:00Z size=4096 sha256=0123…cdef
// "-" stands for no date. One text for one value: anything else is not read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cavra::local_worm {

inline constexpr const char* kLockAttributeName = "user.cavra.lock";
inline constexpr std::size_t kMaxLockAttributeBytes = 256;

struct LockAttribute {
  std::optional<std::int64_t> retain_until_unix_s;
  std::uint64_t size = 0;
  std::array<std::byte, 32> sha256{};

  friend bool operator==(const LockAttribute&, const LockAttribute&) = default;
};

[[nodiscard]] std::string format_lock_attribute(const LockAttribute& attribute);
// Empty: not what format_lock_attribute() writes.
[[nodiscard]] std::optional<LockAttribute> parse_lock_attribute(std::string_view text);

}  // namespace cavra::local_worm
