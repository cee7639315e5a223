// The numbers that a backend sees instead of the costs, and what follows from costs that are all multiples of one
// number.
#pragma once

#include "solvers/mip/model.hpp"

namespace plimsoll::solvers::mip {

// The largest number of which every objective value is a multiple; 0 where there is none. Every variable with a cost
// has to be whole, and the costs multiples of one binary fraction, exactly: 0.1 and 0.3 are not.
double objective_step(const Model& model);

// What the costs are divided by before a backend sees them: the step, so that its own integer arguments work, unless
// that would make numbers of more than 1e6; then the power of two that brings the largest between 1 and 2. Backends
// prune with absolute tolerances, which costs of 1e-6 (seconds) would not survive.
double cost_unit(const Model& model);

// A bound lifted to the next multiple of the step. What lies above a multiple by no more than a backend may err stays.
double lifted_to_step(double bound, double step);

}  // namespace plimsoll::solvers::mip
