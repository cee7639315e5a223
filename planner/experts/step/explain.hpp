// What binds in the plan of a step, in words.
#pragma once

#include <string>
#include <vector>

#include "planner/experts/step/evaluate.hpp"
#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

// Seconds that each device computes experts, over all windows.
std::vector<double> busy_seconds(const StepInstance& instance, const Evaluation& evaluation);

// What the step's time is made of; how busy each device is; which windows wait for which transfers; how full each kind
// of link is; where most is left between plan and bound.
std::string explain(const StepInstance& instance, const StepPlan& plan);

}  // namespace plimsoll::experts::step
