// From who stands where in every micro-step to a plan with all its transfers.
#pragma once

#include <optional>
#include <vector>

#include "planner/experts/step/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

// Windows wait for transfers that do not fit before them. Nothing where a replica cannot be brought at all: no path
// leads there, its slot is still taken, or a device is to get the same expert twice. `base` [layers][columns].
std::optional<StepPlan> schedule(const Prepared& prepared, Matrix<int> base, std::vector<ExpertPlan> microsteps,
                                 support::Meter& meter);

}  // namespace plimsoll::experts::step
