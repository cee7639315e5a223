// What a plan is worth, computed from the instance alone: objective, metrics and every violation. Nothing here knows
// the methods or their data structures; `check` and the driver both trust only this.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plimsoll/assignment.hpp"

namespace plimsoll::assignment {

struct Evaluation {
  double objective = 0;  // meaningful only without violations
  AssignmentMetrics metrics;
  std::vector<std::string> violations;  // one sentence each
  std::vector<double> load;             // [bins] sums of sizes; for makespan over the speed
};

Evaluation evaluate(const AssignmentInstance& instance, const AssignmentPlan& plan);

// The largest sum of sizes that counts as within a bin's capacity. Where the sizes are whole numbers with exact sums it
// is the capacity rounded down; otherwise a relative 1e-9 covers what rounding adds to a sum.
double admitted(std::span<const double> sizes, double capacity);

// Every value is a whole number, and the sum of their magnitudes is exact in a double.
bool whole(std::span<const double> values);

}  // namespace plimsoll::assignment
