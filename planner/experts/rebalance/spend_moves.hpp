// A limit of moves under even dispatch: every layer steps down from what stands, and the moves go to the layers where
// they gain most.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/experts/bound.hpp"
#include "planner/experts/search/layer.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

// Plans of all layers with at most so many moves together; empty under weighted dispatch, and where what stands cannot
// be mended within them.
std::vector<LayerPlan> spend_moves(const std::vector<LayerProblem>& problems, const Bounds& bounds,
                                   std::int64_t max_moves, int threads, support::Meter& meter);

}  // namespace plimsoll::experts
