// Shares of one layer in one micro-step, and the seconds that follow from them.
#pragma once

#include <cstdint>

#include "planner/experts/step/prepare.hpp"
#include "planner/experts/step/search/scheduler.hpp"

namespace plimsoll::experts::step {

// `plan` is that of the micro-step; its slots are set already.
void share_evenly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan);
// The best shares for these slots; even ones where the instance says so.
void share_exactly(const Prepared& prepared, int microstep, int layer, ExpertPlan& plan, std::uint64_t& work);

// Compute seconds of the forward window: the largest device time.
double largest_seconds(const Prepared& prepared, int microstep, int layer, const ExpertPlan& plan);

// The scheduler's next window runs with this plan of its micro-step.
void run_next(const Prepared& prepared, const ExpertPlan& plan, Scheduler& scheduler);

}  // namespace plimsoll::experts::step
