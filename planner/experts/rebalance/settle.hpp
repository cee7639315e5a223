// What stands now counts: of plans that are equally good, the one that moves the least.
#pragma once

#include <cstdint>

#include "planner/experts/search/layer.hpp"

namespace plimsoll::experts {

// Plans of a layer whose times differ by no more than this, relatively, are equally good. Loads are forecasts.
inline constexpr double equally_good = 1e-3;

// The plan with the fewest moves among those that end within (1 + equally_good) of `fresh`: what stands (mended where
// devices died), what stands after exchanges and after a descent of at most `work_limit`, and `fresh` with nodes and
// devices renamed. `problem` is a layer of an instance with a placement. Moves of the plan are set.
LayerPlan settle(LayerProblem problem, LayerPlan fresh, std::uint64_t work_limit, std::uint64_t& work);

}  // namespace plimsoll::experts
