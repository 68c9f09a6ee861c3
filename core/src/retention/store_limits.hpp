// Whether a store can hold what a plan puts into it, by what the store says of itself.
#pragma once

#include "cavra/plan.hpp"

namespace cavra::detail {

// Errors: refused, with all reasons in one message.
[[nodiscard]] Result<void> check_limits(const StorePlan& plan, const BundleSummary& bundle,
                                        const StoreDescription& store);

}  // namespace cavra::detail
