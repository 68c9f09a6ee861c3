// Looks for what lies in a bundle's folder and is not listed.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "cavra/finding.hpp"

namespace cavra {

// More are counted only.
inline constexpr std::size_t kMaxUnlistedTold = 100;

// A finding for each file, folder, link or other thing that no listed path names or leads through,
// sorted by name, and for each folder that cannot be looked into. A folder that leads to nothing
// listed is told once, and not entered. One descriptor at a time.
[[nodiscard]] Findings find_unlisted(int folder, std::span<const std::string_view> listed_paths,
                                     const std::function<bool()>& is_cancelled);

// Whether every folder has as many entries as listed paths name in it, and the manifest: then,
// where each of these is there and none is listed twice, nothing else is. Much quicker than by
// names.
[[nodiscard]] bool has_as_many_as_listed(int folder, std::span<const std::string_view> listed_paths,
                                         const std::function<bool()>& is_cancelled);

}  // namespace cavra
