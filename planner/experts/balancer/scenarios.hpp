// The loads that a placement is judged by. Under even dispatch nothing adapts to the load, so that a placement has to
// do for all that may come: the remembered micro-steps are samples of it. Under weighted dispatch the shares follow the
// load, and the placement is judged by the predicted one alone.
#pragma once

#include <vector>

#include "planner/experts/balancer/state.hpp"

namespace plimsoll::experts::balancer {

struct Scenarios {
  std::vector<Matrix<double>> load;
  std::vector<double> weight;  // sum 1
};

// Weighted mean of the remembered micro-steps, whole where tokens are counted; equal loads where there are none.
Matrix<double> predicted_load(const Knowledge& knowledge);
Scenarios scenarios_of(const Knowledge& knowledge);

}  // namespace plimsoll::experts::balancer
