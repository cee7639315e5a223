// What to change now: lost experts, then the moves that pay, put into an order, judged and certified.
#pragma once

#include "planner/experts/balancer/state.hpp"

namespace plimsoll::experts::balancer {

Delta make_plan(const Knowledge& knowledge);

}  // namespace plimsoll::experts::balancer
