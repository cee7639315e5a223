// Bounds for makespan on identical bins that need no search: counting, subset sums and dual feasible functions.
#pragma once

#include "planner/assignment/bound.hpp"
#include "planner/assignment/identical.hpp"
#include "solvers/packing/effort.hpp"

namespace plimsoll::assignment {

// In whole heights; `below`: a height that some packing has, so that no bound is above it.
IdenticalItems::Size packing_height(const IdenticalItems& items, IdenticalItems::Size below,
                                    solvers::packing::Effort& effort);
// The same as a bound of the instance, derived anew each time; for can_pack only. `check` calls it too.
Bound packing_bound(const Prepared& prepared);
// That every plan has a bin of at least this height.
Bound packing_claim(const IdenticalItems& items, IdenticalItems::Size height, BoundKind kind);

}  // namespace plimsoll::assignment
