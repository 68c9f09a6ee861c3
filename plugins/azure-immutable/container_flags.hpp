// What the blob service says of a container's immutability: whether, not how long. One thread.
//
// https://learn.microsoft.com/rest/api/storageservices/get-container-properties
#pragma once

#include <optional>

#include "blob_versions.hpp"

namespace cavra::azure {

struct ContainerFlags {
  bool is_shown = false;  // else who asks may not see the container's properties
  // None: the service does not say.
  std::optional<bool> is_version_level;
  std::optional<bool> has_policy;  // where it is version-level: a default for versions
  std::optional<bool> has_hold;    // tags, for all that is in it
};

// A request of its own. Errors: those of asking, but for the right.
[[nodiscard]] Result<ContainerFlags> head_container(const Asking& ask);

}  // namespace cavra::azure
