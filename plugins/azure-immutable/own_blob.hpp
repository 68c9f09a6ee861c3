// Finds the version of a name that has our bytes: whatever others have put above or below it.
#pragma once

#include <optional>
#include <string>

#include "blob_versions.hpp"

namespace cavra::azure {

// Of the versions with the request's length and, as their metadata say, its SHA-256 the oldest that
// has the lock wanted, else the oldest. Whoever may write can say so: where more than one does,
// each is read. None: the name is free, or only versions of the past are there that are not ours.
// Errors: conflict (the current one has other bytes), those of asking.
[[nodiscard]] Result<std::optional<ListedBlob>> find_own_blob(const Asking& ask,
                                                              const sdk::PutRequest& request);

// Whether the version has the request's bytes: reads all of it. Errors: those of asking.
[[nodiscard]] Result<bool> has_bytes(const Asking& ask, const sdk::PutRequest& request,
                                     const std::string& version);

}  // namespace cavra::azure
