// What has to hold of a key and a signature before Crypto++ sees them (RFC 8032, section 5.1).
//
// Crypto++ 8.7 takes keys of small order, y above the field's prime, and some S >= L; these checks
// close that. They read public data only, so they need not run in constant time.
#pragma once

#include <cstddef>
#include <span>

namespace cavra::trust {

// How 32 bytes can fail to be a key that strict verification uses.
enum class PointProblem { none, not_canonical, small_order, not_on_curve };

[[nodiscard]] PointProblem check_ed25519_point(std::span<const std::byte, 32> encoded);

// S < L, the order of the base point: else one signature has several spellings.
[[nodiscard]] bool is_ed25519_scalar(std::span<const std::byte, 32> s);

}  // namespace cavra::trust
