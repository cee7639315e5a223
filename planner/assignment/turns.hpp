// Several workers on one instance: each gets turns in proportion to its share, in a fixed order, so that the plan
// depends on nothing but the work. A worker whose turn found neither a plan nor a bound gets less of the next rounds,
// down to a quarter of its share, until it finds something again.
#pragma once

#include <memory>
#include <vector>

#include "planner/assignment/worker.hpp"

namespace plimsoll::assignment {

struct Share {
  const char* name;
  std::unique_ptr<Worker> worker;
  double share;      // of the work, relative
  double trust = 1;  // the part of it that the last turns have earned
};

// Until the context says stop or all are done. Turns grow, so that the first plan and the first bound come early; the
// first is long enough to look at each of the instance's `pairs` a few times.
void take_turns(std::vector<Share>& workers, Context& context, std::uint64_t pairs = 0);

}  // namespace plimsoll::assignment
