// First plans for the makespan, in microseconds: list scheduling, largest items first, each to the bin that is done
// earliest with it (Graham 1969; Ibarra and Kim 1977 for unrelated machines).
#pragma once

#include <vector>

#include "planner/assignment/times.hpp"

namespace plimsoll::assignment {

// The bin of every item. Bins that would break a capacity, an apart list or the budget of changes are taken only where
// no other is left, so that such instances may get a plan that is none.
std::vector<int> list_schedule(const Times& times);

}  // namespace plimsoll::assignment
