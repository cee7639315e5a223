// Solving with a clock that started earlier: the program counts the time it took to read the instance.
#pragma once

#include "plimsoll/solve.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

ExpertSolution solve(const ExpertInstance& instance, const SolveOptions& options,
                     support::Meter::Clock::time_point start);

// The strongest bound that the instance alone gives without a search.
double recompute_bound(const ExpertInstance& instance);
// The same for `check`: what a search has proven (bound_method names "branch") is searched for again, with as much work
// as the solve had.
double recompute_bound(const ExpertInstance& instance, const ExpertPlan& plan, const Certificate& certificate);

}  // namespace plimsoll::experts
