// A plan from the linear relaxation of the makespan (Lenstra, Shmoys and Tardos 1990): items that stand whole in a bin
// stay there; of a vertex at most as many are split as there are bins, and a matching gives each a bin of its own, so
// that at a target T no bin is done later than twice T.
#pragma once

#include <vector>

#include "planner/assignment/bounds/target_linear.hpp"

namespace plimsoll::assignment {

// The bin of every item; where there is no point or no such matching, the bin with most of the item, or its cheapest.
std::vector<int> rounded(const Times& times, const LinearTarget& linear);

}  // namespace plimsoll::assignment
