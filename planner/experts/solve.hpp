// Solving with a clock that started earlier: the program counts the time it took to read the instance.
#pragma once

#include "plimsoll/solve.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

ExpertSolution solve(const ExpertInstance& instance, const SolveOptions& options,
                     support::Meter::Clock::time_point start);

// The strongest bound that the instance alone gives, for `check`.
double recompute_bound(const ExpertInstance& instance);

}  // namespace plimsoll::experts
