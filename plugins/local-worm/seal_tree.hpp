// seal_tree(): +i on a folder and all folders below it. Any thread.
#pragma once

#include <span>
#include <string>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "folder.hpp"
#include "sealer.hpp"

namespace cavra::local_worm {

// Bottom up, each on disk before the one above it; again is fine. Files are left alone: each has
// its own flag from its put, and what else lies there must not keep the folder open. Errors:
// not_found, refused, forbidden, io, cancelled, timeout.
[[nodiscard]] Result<void> seal_tree(const Sealer& sealer, const sdk::Call& call,
                                     const Folder& root, std::span<const std::string> parts);

}  // namespace cavra::local_worm
