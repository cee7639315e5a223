// The published balancer's placement as a plan of one layer: mode best begins with it where its own start is left
// above the bound, so that it is never worse than what it replaces.
#pragma once

#include "planner/experts/search/layer.hpp"

namespace plimsoll::experts {

// Whether the published balancer knows such a request: no dead devices, and devices alike.
bool may_publish(const Prepared& prepared);

// Sets problem.home as that placement has the groups.
LayerPlan published_layer(LayerProblem& problem);

}  // namespace plimsoll::experts
