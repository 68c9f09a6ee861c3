// Bundles as another tool signs them: with the workspace's key, at any time, and without a
// retention policy.
#pragma once

#include <string>

#include "workspace.hpp"

namespace cavra::e2e {

// The key's window in the trust roots must hold what such a bundle says of its time.
void trust_key_since_2000(const Workspace& work);

// Makes the folder `bundle`, or makes its files anew. Bundles of different names differ.
void make_other_bundle(const Workspace& work, const std::string& bundle,
                       const std::string& created_at);

}  // namespace cavra::e2e
