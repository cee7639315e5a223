// Bounds that see what layers share: the memory of the devices and the moves.
#pragma once

#include "planner/experts/bound.hpp"

namespace plimsoll::experts {

// Raises bounds.objective (never a layer's own bound) where memory or moves bind, and names the reason.
//   memory    layer l with at most r replicas takes at least f_l(r); the least sum of f_l(r_l) with sum(r_l) within the
//             memory is bounded by the greedy over the lower convex hulls of the f_l
//   standing  layer l takes at least f_l(m) after m moves (standing.hpp); the least sum over layers, moves priced
//             and limited, is the same greedy
void raise_for_budgets(const Prepared& prepared, Bounds& bounds);

}  // namespace plimsoll::experts
