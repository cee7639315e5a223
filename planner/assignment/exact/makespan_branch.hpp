// Exact search on the makespan, and the same search again for `check`.
#pragma once

#include <cstdint>

#include "planner/assignment/bound.hpp"
#include "planner/assignment/prepare.hpp"

namespace plimsoll::assignment {

// The bound that a proof gives, computed anew: from its prices where it has them, else by a search with at most so much
// work, from nothing but the instance, for a plan of objective proof.refuted or less. Minus infinity: nothing is
// proven.
double makespan_bound_again(const Prepared& prepared, const Proof& proof, std::uint64_t work);

}  // namespace plimsoll::assignment
