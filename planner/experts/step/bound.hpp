// Certified lower bounds on the objective of a step. docs/methods-steps.md has the formulas.
#pragma once

#include <string>
#include <vector>

#include "planner/experts/bound.hpp"
#include "planner/experts/step/prepare.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts::step {

struct Bounds {
  // [microsteps][layers]: no plan has a smaller largest device time there.
  Matrix<double> seconds;
  double objective = 0;  // over all windows, rounded outward
  std::string method;
};

// The static bound of each (micro-step, layer) with base and transient slots together: area and replicas.
Bounds quick_bounds(const Prepared& prepared);

// Stronger where `upper` [microsteps][layers] (largest device times of the best plan) leaves room, and over the step
// a relaxation that charges the transfers which any plan must make. Skips what is left when the meter is urgent.
void tighten(const Prepared& prepared, const Matrix<double>& upper, int threads, support::Meter& meter, Bounds& bounds);

}  // namespace plimsoll::experts::step
