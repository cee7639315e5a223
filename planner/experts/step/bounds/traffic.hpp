// What dispatch and combine take at least: a device serves no more experts itself than it has columns, and a node no
// more than its devices have together; the tokens for all others cross links.
#pragma once

#include "planner/experts/step/prepare.hpp"

namespace plimsoll::experts::step {

struct LeastTraffic {
  double dispatch = 0;  // seconds
  double combine = 0;
};

LeastTraffic least_traffic(const Prepared& prepared, int microstep, int layer);

}  // namespace plimsoll::experts::step
