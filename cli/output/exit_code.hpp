// Exit statuses, as docs/exit-codes.md has them.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "cavra/support/result.hpp"

namespace cavra::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFindings = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitStore = 3;
inline constexpr int kExitRefused = 4;
inline constexpr int kExitUnproven = 5;

[[nodiscard]] constexpr int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::corrupt:
      return kExitFindings;
    case ErrorCode::usage:
    case ErrorCode::unsupported:
      return kExitUsage;
    case ErrorCode::io:
    case ErrorCode::timeout:
    case ErrorCode::unavailable:
    case ErrorCode::internal:
    case ErrorCode::not_found:
      return kExitStore;
    case ErrorCode::refused:
    case ErrorCode::conflict:
    case ErrorCode::forbidden:
      return kExitRefused;
    case ErrorCode::unproven:
      return kExitUnproven;
    case ErrorCode::cancelled:
      return 130;
  }
  return kExitStore;
}

// The most serious of several outcomes: a signal, then 1, 4, 5, 3, 2, 0.
[[nodiscard]] constexpr int most_serious(int a, int b) noexcept {
  constexpr std::array order{143,           130,        kExitFindings, kExitRefused,
                             kExitUnproven, kExitStore, kExitUsage,    kExitDone};
  for (const int code : order)
    if (a == code || b == code) return code;
  return std::max(a, b);
}

}  // namespace cavra::cli
