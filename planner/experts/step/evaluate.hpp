// What a plan of a step is worth, computed from the instance alone: replicas and shares of every micro-step, then a
// replay of windows, transfers, links and slots over time. Nothing here knows the methods or their data structures;
// `check` and the driver both trust only this.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/step.hpp"

namespace plimsoll::experts::step {

struct Evaluation {
  double objective = 0;  // seconds; meaningful only without violations
  StepMetrics metrics;
  std::vector<std::string> violations;         // one sentence each, with the place in the plan
  std::vector<Matrix<double>> device_seconds;  // [microsteps] of [layers][devices], of the forward window's compute
  std::vector<double> window_start;            // [windows] in the order of the schedule, seconds since the step began
  std::vector<double> window_seconds;          // [windows] without waiting
  std::vector<double> waited;                  // [windows] exposed seconds before the window starts
};

Evaluation evaluate(const StepInstance& instance, const StepPlan& plan);

}  // namespace plimsoll::experts::step
