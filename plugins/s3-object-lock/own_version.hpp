// Finds the version of a key that has our bytes: whatever others have put above or below it.
//
// docs/adr/0018-s3-put.md says which counts, and why.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cavra/plugin_types.hpp"
#include "object_versions.hpp"

namespace cavra::s3 {

struct OwnVersion {
  std::string version;
  sdk::Lock lock;  // as shown: less than there is, where we may not see it
  bool is_digest_checked = false;
};

// Of the versions with the request's length and SHA-256 the oldest that has the lock wanted, else
// the oldest. None: the key is free, or delete markers alone are there. Errors: conflict (other
// bytes are there), those of asking.
[[nodiscard]] Result<std::optional<OwnVersion>> find_own_version(const Asking& ask,
                                                                 const sdk::PutRequest& request);

// The lock of a version as it is now: what HEAD does not show is asked for.
[[nodiscard]] Result<sdk::Lock> lock_of(const Asking& ask, std::string_view key,
                                        const ShownVersion& shown);

}  // namespace cavra::s3
