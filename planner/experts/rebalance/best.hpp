// Mode best: a plan as good as a limit of work allows, and bounds to match. docs/methods.md, "Rebalancing".
#pragma once

#include "planner/experts/bound.hpp"
#include "planner/experts/prepare.hpp"
#include "planner/experts/rebalance/planned.hpp"
#include "plimsoll/rebalance.hpp"
#include "support/meter.hpp"

namespace plimsoll::experts {

// Enough for the models of today in tens of milliseconds; about a second where a limit of moves needs flows.
std::uint64_t default_rebalance_work(const Prepared& prepared);

// `bounds` come as quick_bounds() has them and are raised. Slots are empty where no plan was found.
Planned plan_best(const Prepared& prepared, const RebalanceOptions& options, support::Meter& meter, Bounds& bounds);

}  // namespace plimsoll::experts
