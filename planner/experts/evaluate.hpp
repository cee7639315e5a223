// What a plan is worth, computed from the instance alone: objective, metrics and every violation. Nothing here knows
// the methods or their data structures; `check` and the driver both trust only this.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/experts.hpp"

namespace plimsoll::experts {

struct Evaluation {
  double objective = 0;  // seconds; meaningful only without violations
  ExpertMetrics metrics;
  std::vector<std::string> violations;  // one sentence each, with the place in the plan
  Matrix<double> device_seconds;        // [layers][devices]
  std::vector<double> layer_seconds;    // [layers] largest device time plus other_seconds
};

Evaluation evaluate(const ExpertInstance& instance, const ExpertPlan& plan);

}  // namespace plimsoll::experts
