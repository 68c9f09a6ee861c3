// Finds the version of a name that has our bytes: whatever others have put above or below it.
#pragma once

#include <optional>
#include <string>

#include "blob_versions.hpp"

namespace cavra::azure {

// Of the versions with the request's length and SHA-256 (our metadata: whoever put it says so, and
// the host reads back) the oldest that has the lock wanted, else the oldest. None: the name is
// free, or only versions of the past are there that are not ours. Errors: conflict (the current
// one has other bytes), those of asking.
[[nodiscard]] Result<std::optional<ListedBlob>> find_own_blob(const Asking& ask,
                                                              const sdk::PutRequest& request);

}  // namespace cavra::azure
