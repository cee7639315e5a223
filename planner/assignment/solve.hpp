// The public calls with what the program adds: a clock that started before the instance was read.
#pragma once

#include "planner/assignment/bound.hpp"
#include "support/meter.hpp"

namespace plimsoll::assignment {

AssignmentSolution solve(const AssignmentInstance& instance, const SolveOptions& options,
                         support::Meter::Clock::time_point start);

// The best bound that the claim's argument gives when it is computed anew; for what a search has proven, the search is
// run again from the plan.
double recompute_bound(const AssignmentInstance& instance, const AssignmentPlan& plan, const Certificate& certificate,
                       const Proof& proof);

}  // namespace plimsoll::assignment
