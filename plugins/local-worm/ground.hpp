// Ground: whether the place of a store can hold it as its settings demand. probe tells all of it;
// the first put refuses on the first thing missing, with the same words.
//
// Leaves nothing behind: what is tried is tried on a file without a name.
#pragma once

#include <string>
#include <vector>

#include "cavra/plugin_types.hpp"
#include "cavra/support/result.hpp"
#include "store_root.hpp"

namespace cavra::local_worm {

struct GroundFinding {
  sdk::ProbeItem::Verdict verdict = sdk::ProbeItem::Verdict::note;
  std::string name;
  std::string message;  // what was found, and what to do
};

// Errors: io and unavailable, where the machine failed: that says nothing of the place.
[[nodiscard]] Result<std::vector<GroundFinding>> examine_ground(StoreRoot& store);

// Errors: refused, with the message of the first finding that is `missing`; io, unavailable.
[[nodiscard]] Result<void> require_ground(StoreRoot& store);

}  // namespace cavra::local_worm
