// Comparing locks. Pure: any thread.
#pragma once

#include "cavra/plugin_types.hpp"

namespace cavra::cloud {

// Whether `lock` is at least `wanted`, in mode, date and hold.
[[nodiscard]] inline bool is_sufficient(const sdk::Lock& lock, const sdk::Lock& wanted) {
  const bool is_as_long =
      !wanted.retain_until_unix_s ||
      (lock.retain_until_unix_s && *lock.retain_until_unix_s >= *wanted.retain_until_unix_s);
  return lock.mode >= wanted.mode && is_as_long && (lock.legal_hold || !wanted.legal_hold);
}

}  // namespace cavra::cloud
