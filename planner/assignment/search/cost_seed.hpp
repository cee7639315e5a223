// First plans: what the context knows, or the constructions of cost_construct.hpp with a descent, the best of them.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/assignment/search/cost_guide.hpp"

namespace plimsoll::assignment {

// Offers every feasible plan met. Returns the best feasible one, or else the one that violates least; the caller goes
// on from there.
std::vector<int> seed_plan(const CostGuide& guide, Context& context);

}  // namespace plimsoll::assignment
