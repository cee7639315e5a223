// Mode compatible: what the published code returns.
#pragma once

#include "planner/experts/rebalance/planned.hpp"
#include "plimsoll/rebalance.hpp"

namespace plimsoll::experts {

// Slots, ranks and even shares of a checked request. With a placement, slots inside each device are reordered as vLLM
// does it (keep_slots.hpp).
Planned plan_compatibly(const RebalanceRequest& request, int threads);

}  // namespace plimsoll::experts
