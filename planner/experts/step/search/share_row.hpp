// The best shares of one layer of one micro-step, given who stands where.
#pragma once

#include <cstdint>

#include "planner/experts/prepare.hpp"

namespace plimsoll::experts::step {

// Sets shares (and tokens) of a row of `plan` whose slots are set, and returns the largest device time. Even dispatch:
// as it demands. Weighted: parametric flow (experts/search/token_flow.hpp); under a table a descent. `view` is the
// micro-step as a static instance (views.hpp).
double share_row(const experts::Prepared& view, int layer, ExpertPlan& plan, std::uint64_t& work);

// The largest device time of a row whose shares are set.
double row_seconds(const experts::Prepared& view, int layer, const ExpertPlan& plan);

}  // namespace plimsoll::experts::step
