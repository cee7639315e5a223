// Every method of `experts` that makes a placement, planning again and again over the micro-steps of a step.
#pragma once

#include <memory>

#include "planner/common/rolling.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::rolling {

// The instance must live on.
std::unique_ptr<common::RollingPlanner> planner_for(const StepInstance& instance);

}  // namespace plimsoll::experts::rolling
